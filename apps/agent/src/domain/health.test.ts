import { describe, expect, it } from 'vitest';
import { type HealthFacts, judgeHealth } from './health.ts';

const well: HealthFacts = {
  faults: new Map(),
  serves: true,
  connected: true,
  frameAgeMs: 100,
  stuckMs: 0,
  patienceMs: 30_000,
  diskFreeBytes: 1e9,
};

/** As `camera: no frame for 31 s`, only what is not well. */
function judged(change: Partial<HealthFacts>) {
  const { live, ready, checks } = judgeHealth({ ...well, ...change });
  return { live, ready, reasons: checks.filter(({ ok }) => !ok).map(({ name, reason }) => `${name}: ${reason}`) };
}

describe('health', () => {
  it('is good where frames are answered and results arrive', () => {
    expect(judged({})).toEqual({ live: true, ready: true, reasons: [] });
    expect(judged({ diskFreeBytes: undefined })).toMatchObject({ ready: true });
  });

  it('names what is wrong, and lives on through all that a restart does not mend', () => {
    const cases: [Partial<HealthFacts>, string][] = [
      [{ faults: new Map([['camera', { message: 'the camera is unplugged' }]]), frameAgeMs: 1e6 }, 'camera: the camera is unplugged'],
      [{ frameAgeMs: 31_000 }, 'camera: no frame for 31 s'],
      [{ faults: new Map([['classifier', { message: 'it died' }]]), frameAgeMs: 1e4 }, 'classifier: it died'],
      [{ serves: false, frameAgeMs: 1e9 }, 'classifier: no variant yet: waiting for the hub to desire one'],
      [{ stuckMs: 31_000 }, 'classifier: a frame has waited for 31 s'],
      [{ connected: false }, 'hub: not connected; results wait in the outbox'],
      [{ faults: new Map([['outbox', { message: 'the disk is full' }]]) }, 'outbox: the disk is full'],
      [{ faults: new Map([['journal', { message: 'the disk is read-only' }]]) }, 'outbox: the disk is read-only'],
      [{ diskFreeBytes: 12.7e6 }, 'disk: only 12 MB are free'],
    ];
    for (const [change, reason] of cases) expect(judged(change), reason).toEqual({ live: true, ready: false, reasons: [reason] });
  });

  it('is over where the loops hang: frames wait without an answer, or stay away without a fault', () => {
    expect(judged({ stuckMs: 60_001 }).live).toBe(false);
    expect(judged({ frameAgeMs: 60_001 }).live).toBe(false);
    // One frame in five minutes was asked for.
    expect(judged({ frameAgeMs: 60_001, patienceMs: 1_500_000 })).toMatchObject({ live: true, ready: true });
  });
});
