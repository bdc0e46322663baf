/** @file Rollouts over a small simulated fleet that walks the real update machine; `npm run bench:rollouts` has 200 devices and many seeds. */
import { rolloutSpecSchema } from '@alpharho/protocol';
import { describe, expect, it } from 'vitest';
import { runScene, type Scene } from '../src/bench/rollouts/run.ts';

const id = 'b'.repeat(64);
const scene: Scene = {
  spec: rolloutSpecSchema.parse({ variant: id, targets: { where: 'id=*' } }),
  devices: 40,
  broken: 0.1,
  away: 0.1,
  controls: 12,
};
const sum = (counts: Readonly<Record<string, number>>) => Object.values(counts).reduce((total, count) => total + count, 0);

// Hours of forty devices, each frame of them.
describe('a rollout over a simulated fleet', { timeout: 240_000 }, () => {
  it('of a good variant ends, whoever hangs, has no room or goes away; who was away fetches it once', () => {
    const { state, astray, refetched, counts } = runScene(scene, { id, factor: 1 }, 3);
    expect({ state, astray, refetched }).toEqual({ state: 'completed', astray: [], refetched: [] });
    expect(sum(counts)).toBe(40);
    expect(counts.timed_out).toBeGreaterThan(0);
    expect(counts.committed).toBeGreaterThan(30);
  });

  it('of a variant with +30 % p95 is stopped at the canary or in the first phase, and everybody has what he had', () => {
    for (const seed of [1, 2, 3]) {
      const { caught, phase, astray, counts } = runScene(scene, { id, factor: 1.3 }, seed);
      expect({ seed, caught, early: phase <= 1, astray }).toEqual({ seed, caught: true, early: true, astray: [] });
      expect(counts.committed).toBe(0);
    }
  });
});
