import { describe, expect, it } from 'vitest';
import { judge } from '@/lib/attention.ts';
import { device } from '@/lib/test-facts.ts';
import { agreement } from './agreement.ts';

const now = Date.UTC(2026, 5, 1);
const hub = { heartbeatAt: now, running: true };
const a = 'a'.repeat(64);
const b = 'b'.repeat(64);
const online = { presence: 'online', presenceAt: now - 5000, lastSeenAt: now };

describe('agreement', () => {
  it('compares nothing where nothing is desired', () => {
    expect(agreement(judge(device({ ...online, servingId: a }), hub, now))).toEqual([]);
  });
  it('agrees in all rows once the target serves and the update has come to rest', () => {
    const facts = device({ ...online, servingId: a, desiredId: a, desiredRevision: 3, seenRevision: 3, phase: 'committed' });
    expect(agreement(judge(facts, hub, now)).map(({ agrees }) => agrees)).toEqual([true, true, true]);
  });
  it('says why a row differs', () => {
    const moving = device({ ...online, servingId: a, desiredId: b, desiredRevision: 4, seenRevision: 4, phase: 'warming' });
    expect(agreement(judge(moving, hub, now)).map(({ agrees, reason }) => [agrees, reason])).toEqual([
      [true, null],
      [false, 'warming'],
      [false, 'warming'],
    ]);
    const failed = { ...moving, phase: 'failed', errorMessage: 'disk full' };
    expect(agreement(judge(failed, hub, now))[2]?.reason).toBe('disk full');
    const away = { ...moving, presence: 'offline', seenRevision: 3, phase: 'idle' };
    expect(agreement(judge(away, hub, now))[0]).toEqual({
      field: 'revision',
      desired: '4',
      reported: '3',
      agrees: false,
      reason: 'offline: it learns of it when it is back',
    });
  });
});
