import { rolloutDeviceStates, rolloutStates } from '@alpharho/protocol';
import { describe, expect, it } from 'vitest';
import { type DeviceCounts, figuresOf, rolloutWord, type SquareFacts, setOf, shortNames, squareOf, stageName } from './rollout-words.ts';

const states = Object.keys(rolloutDeviceStates) as (keyof DeviceCounts)[];
const facts: SquareFacts = { state: 'moving', online: true, held: false, step: null, outcome: null, error: null, note: null };

describe('figuresOf', () => {
  it('counts every state once, so that the figures sum to the target set', () => {
    const counts = Object.fromEntries(states.map((state, index) => [state, 2 ** index])) as DeviceCounts;
    const { total, committed, inMotion, failed, waiting, back, leftOut } = figuresOf(counts);
    expect(total).toBe(2 ** states.length - 1);
    expect(committed + inMotion + failed + waiting + back + leftOut).toBe(total);
  });

  it('counts as set whoever was told, whatever came of it', () => {
    const none = Object.fromEntries(states.map((state) => [state, 0])) as DeviceCounts;
    expect(setOf(figuresOf({ ...none, committed: 9, moving: 3, failed: 1, rolled_back: 1, waiting: 13, skipped: 2 }))).toBe(14);
  });
});

describe('rolloutWord', () => {
  it('has a word for every state, and names the stage where it stands in one', () => {
    for (const state of Object.keys(rolloutStates) as (keyof typeof rolloutStates)[]) {
      expect(rolloutWord({ state, reason: null, phase: 0, phases: 1 }).word).not.toBe('');
    }
    expect(rolloutWord({ state: 'evaluating', reason: null, phase: 2, phases: 4 }).word).toBe('Holding at stage 3 of 4');
    expect(rolloutWord({ state: 'completed', reason: null, phase: 3, phases: 4 }).word).toBe('Done');
  });

  it('alarms where it was not a person that paused it', () => {
    expect(rolloutWord({ state: 'paused', reason: 'operator', phase: 0, phases: 2 }).tone).toBe('warn');
    expect(rolloutWord({ state: 'paused', reason: 'gate_inconclusive', phase: 0, phases: 2 }).tone).toBe('bad');
  });
});

describe('squareOf', () => {
  it('shows the step under way, with its percent', () => {
    expect(squareOf({ ...facts, step: 'downloading 62' })).toEqual({ shape: 'downloading', word: 'Downloading', percent: 62 });
    expect(squareOf({ ...facts, step: 'probation' }).shape).toBe('probation');
    expect(squareOf({ ...facts, step: 'staged', held: true }).word).toBe('Staged, held');
  });

  it('tells a device that waits from one that is away, and a refusal from a failure', () => {
    expect(squareOf({ ...facts, state: 'waiting' })).toMatchObject({ shape: 'waiting', word: 'Waiting' });
    expect(squareOf({ ...facts, state: 'waiting', online: false })).toMatchObject({ shape: 'waiting_offline', word: 'Waiting, offline' });
    expect(squareOf({ ...facts, step: 'downloading 20', online: false })).toMatchObject({ shape: 'waiting_offline' });
    expect(squareOf({ ...facts, state: 'failed', outcome: 'refused' }).shape).toBe('refused');
    expect(squareOf({ ...facts, state: 'failed', outcome: 'refused', error: { code: 'quarantined' } }).word).toBe('Quarantined');
  });
});

describe('squareOf, left out', () => {
  it('tells who was left out from the start from who was called off', () => {
    expect(squareOf({ ...facts, state: 'skipped', note: 'the variant failed there before' }).word).toBe('Left out');
    expect(squareOf({ ...facts, state: 'skipped' }).word).toBe('Called off');
  });
});

describe('names', () => {
  it('calls stages by what they are', () => {
    expect(stageName({ count: 1 }, 0, false)).toBe('Canary');
    expect(stageName({ percent: 20 }, 1, false)).toBe('to 20 %');
    expect(stageName({ count: 5 }, 1, false)).toBe('5 more');
    expect(stageName({ count: 1 }, 0, true)).toBe('to 100 %');
  });

  it('shortens names only where that tells all of them apart', () => {
    expect([...(shortNames(['quay-06', 'orchard-07'])?.names.values() ?? [])]).toEqual(['q06', 'o07']);
    expect(shortNames(['quay-06', 'quince-06'])).toBeNull();
    expect(shortNames(['quay-06', 'the-gate'])).toBeNull();
  });
});
