/**
 * @file What the gates find in simulated fleets: the figures of docs/adr.
 * Usage: node dist/bench/gates/main.js [--seeds 100] [--window 15] [--soak 15] [--factors 1,1.1,1.15,1.2,1.3] [--noise 1]
 */
import { parseArgs } from 'node:util';
import { rolloutSpecSchema } from '@alpharho/protocol';
import { type Nature, usualNature } from './fleet.ts';
import { type Ending, type Plan, runRollout } from './rollout.ts';

const { values } = parseArgs({
  options: {
    seeds: { type: 'string', default: '100' },
    window: { type: 'string' },
    soak: { type: 'string' },
    factors: { type: 'string', default: '1,1.1,1.15,1.2,1.3' },
    noise: { type: 'string', default: '1' },
    every: { type: 'string', default: '1' },
    first: { type: 'string', default: '1000' },
    frames: { type: 'string' },
    limit: { type: 'string' },
  },
});
const minute = 60_000;
const variant = 'b'.repeat(64);
const spec = rolloutSpecSchema.parse({ variant, targets: { where: 'class=*' } });

/** All spreads and bursts, so many times the usual. */
function noisier(nature: Nature, factor: number): Nature {
  const { day, weather, scene, room, burst } = nature;
  return { ...nature, day: day * factor, weather: weather * factor, scene: scene * factor, room: room * factor, burst: burst * factor };
}

const plan: Plan = {
  devices: 200,
  phases: [1, 20, 100, 200],
  soakMinutes: values.soak === undefined ? (spec.phases[0]?.soak ?? 0) / minute : Number(values.soak),
  deadlineMinutes: (spec.phases[0]?.soak ?? 0) / minute + spec.onInconclusive.wait / minute,
  lookEveryMinutes: Number(values.every),
  gates: {
    ...spec.gates,
    ...(values.window !== undefined && { window: Number(values.window) * minute }),
    ...(values.limit !== undefined && { latencyP95: { maxRatioToControl: Number(values.limit) } }),
  },
  nature: { ...noisier(usualNature, Number(values.noise)), ...(values.frames !== undefined && { framesPerMinute: Number(values.frames) }) },
  controls: 20,
  broken: 0.05,
};

function median(numbers: number[]): string {
  const sorted = numbers.toSorted((a, b) => a - b);
  return sorted.length === 0 ? '-' : String(sorted[Math.floor(sorted.length / 2)]);
}

function row(factor: number, endings: Ending[]): string {
  const count = (of: (ending: Ending) => boolean) => String(endings.filter(of).length);
  const stopped = endings.filter(({ outcome }) => outcome === 'failed');
  const done = endings.filter(({ outcome }) => outcome === 'completed');
  return [
    `${factor}`,
    count(({ outcome, phase }) => outcome === 'failed' && phase === 0),
    count(({ outcome, phase }) => outcome === 'failed' && phase === 1),
    count(({ outcome, phase }) => outcome === 'failed' && phase > 1),
    count(({ outcome }) => outcome === 'paused'),
    String(done.length),
    median(stopped.map(({ minutes }) => minutes)),
    median(done.map(({ minutes }) => minutes)),
  ].join(' | ');
}

console.log(
  `${values.seeds} seeds, 200 devices, window ${plan.gates.window / minute} min, soak ${plan.soakMinutes} min, noise × ${values.noise}, a look each ${values.every} min`,
);
console.log('p95 × | failed at canary | in the 10 % | later | paused | completed | median minutes to the stop | to the end');
for (const factor of values.factors.split(',').map(Number)) {
  const endings = Array.from({ length: Number(values.seeds) }, (_, index) =>
    runRollout(plan, { id: variant, factor }, Number(values.first) + index),
  );
  console.log(row(factor, endings));
  for (const { outcome, phase, decisive } of endings) {
    if (outcome === 'paused' || (outcome === 'failed' && factor === 1))
      console.log(`  ${outcome} in phase ${phase + 1}: ${decisive?.metric} ${decisive?.reason}`);
  }
}
