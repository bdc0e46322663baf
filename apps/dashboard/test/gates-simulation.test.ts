/** @file The gates over simulated fleets of 200 devices and four phases; docs/adr/0004 has the figures of a hundred seeds each. */
import { rolloutSpecSchema } from '@alpharho/protocol';
import { describe, expect, it } from 'vitest';
import { usualNature } from '../src/bench/gates/fleet.ts';
import { type Ending, type Plan, runRollout } from '../src/bench/gates/rollout.ts';

const minute = 60_000;
const id = 'b'.repeat(64);
const spec = rolloutSpecSchema.parse({ variant: id, targets: { ids: ['any'] } });
const plan: Plan = {
  devices: 200,
  phases: [1, 20, 100, 200],
  soakMinutes: (spec.phases[0]?.soak ?? 0) / minute,
  deadlineMinutes: ((spec.phases[0]?.soak ?? 0) + spec.onInconclusive.wait) / minute,
  lookEveryMinutes: 5,
  gates: spec.gates,
  nature: usualNature,
  controls: 12,
  broken: 0.05,
};

const endings = (factor: number, seeds: number): Ending[] =>
  Array.from({ length: seeds }, (_, seed) => runRollout(plan, { id, factor }, 500 + seed));

// A minute of two hundred devices is 60 000 latencies.
describe('with the default gates', { timeout: 120_000 }, () => {
  it('a variant with +30 % p95 never gets beyond the first phase after the canary, and hardly ever beyond a verdict', () => {
    const found = endings(1.3, 20);
    expect(found.every(({ outcome, phase }) => outcome !== 'completed' && phase <= 1)).toBe(true);
    expect(found.filter(({ outcome }) => outcome === 'failed').length).toBeGreaterThanOrEqual(19);
  });

  it('a good variant reaches every device', () => {
    expect(endings(1, 3).map(({ outcome }) => outcome)).toEqual(['completed', 'completed', 'completed']);
  });

  it('a variant whose inference fails on a tenth of the frames is caught on the canary', () => {
    const found = runRollout(plan, { id, factor: 1, failing: 0.1 }, 7);
    expect(found).toMatchObject({ outcome: 'failed', phase: 0, decisive: { metric: 'errorRate' } });
  });
});
