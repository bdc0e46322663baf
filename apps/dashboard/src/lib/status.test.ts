import { describe, expect, it } from 'vitest';
import { connectivityOf, isOffTarget, type UpdateFacts, updateOf } from './status.ts';
import { thresholds } from './thresholds.ts';

const now = 1_800_000_000_000;

describe('connectivityOf', () => {
  const heardAgo = (ms: number) => connectivityOf({ presence: 'online', presenceAt: now - 3_600_000, lastSeenAt: now - ms }, now);

  it('is online while heartbeats arrive, late after one was missed, offline after three', () => {
    expect(heardAgo(9_000)).toEqual({ state: 'online', since: now - 9_000 });
    expect(heardAgo(thresholds.lateMs).state).toBe('late');
    expect(heardAgo(thresholds.offlineMs - 1).state).toBe('late');
    expect(heardAgo(thresholds.offlineMs)).toEqual({ state: 'offline', since: now - thresholds.offlineMs });
  });
  it('is offline by the last will at once, since that will', () => {
    const status = connectivityOf({ presence: 'offline', presenceAt: now - 4_000, lastSeenAt: now - 5_000 }, now);
    expect(status).toEqual({ state: 'offline', since: now - 4_000 });
  });
  it('is unknown while the hub is down, except where the device had said goodbye', () => {
    const facts = { presence: 'online', presenceAt: now - 60_000, lastSeenAt: now - 50_000 };
    expect(connectivityOf(facts, now, false)).toEqual({ state: 'unknown', since: now - 50_000 });
    expect(connectivityOf({ ...facts, presence: 'offline' }, now, false).state).toBe('offline');
  });
  it('is new before the first message', () => {
    expect(connectivityOf({ presence: 'offline', presenceAt: null, lastSeenAt: null }, now)).toEqual({ state: 'new', since: null });
  });
});

describe('updateOf', () => {
  const a = 'a'.repeat(64);
  const b = 'b'.repeat(64);
  const facts: UpdateFacts = {
    servingId: a,
    servingSince: now - 6 * 86_400_000,
    desiredId: a,
    desiredAt: now - 60_000,
    desiredRevision: 4,
    seenRevision: 4,
    phase: 'idle',
    phaseSince: now - 30_000,
    progress: null,
    outcome: null,
    errorCode: null,
  };

  it('tells on target, committed and no target apart', () => {
    expect(updateOf(facts, 'online')).toEqual({ state: 'on_target', since: facts.servingSince, percent: null });
    expect(updateOf({ ...facts, phase: 'committed' }, 'online').state).toBe('committed');
    expect(updateOf({ ...facts, desiredId: null }, 'online').state).toBe('no_target');
  });
  it('waits until the device has seen the newest target, whatever an older update left behind', () => {
    const assigned = { ...facts, desiredId: b, desiredRevision: 5, phase: 'failed' };
    expect(updateOf(assigned, 'online')).toEqual({ state: 'waiting', since: facts.desiredAt, percent: null });
    expect(updateOf(assigned, 'offline').state).toBe('waiting_offline');
  });
  it('follows the phases of an update and keeps the percent of a download only', () => {
    const moving = { ...facts, desiredId: b, phase: 'downloading', progress: 62 };
    expect(updateOf(moving, 'online')).toEqual({ state: 'downloading', since: facts.phaseSince, percent: 62 });
    expect(updateOf({ ...moving, phase: 'warming' }, 'online')).toEqual({ state: 'warming', since: facts.phaseSince, percent: null });
    expect(updateOf({ ...moving, servingId: b, phase: 'probation' }, 'online').state).toBe('probation');
  });
  it('tells refused from failed, and forgets both once the target serves', () => {
    const failed = { ...facts, desiredId: b, phase: 'failed' };
    expect(updateOf(failed, 'online').state).toBe('failed');
    expect(updateOf({ ...failed, outcome: 'refused' }, 'online').state).toBe('refused');
    expect(updateOf({ ...failed, outcome: 'refused', errorCode: 'quarantined' }, 'online').state).toBe('quarantined');
    expect(updateOf({ ...failed, phase: 'rolled_back' }, 'online').state).toBe('rolled_back');
    expect(updateOf({ ...failed, desiredId: a }, 'online').state).toBe('on_target');
  });
  it('is off target only where a target exists and differs', () => {
    expect(isOffTarget({ servingId: a, desiredId: b })).toBe(true);
    expect(isOffTarget({ servingId: a, desiredId: a })).toBe(false);
    expect(isOffTarget({ servingId: a, desiredId: null })).toBe(false);
  });
});
