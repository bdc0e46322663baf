/**
 * @file What becomes of rollouts over simulated fleets of devices that walk the real update machine, by the real engine and gates.
 * Usage: node dist/bench/rollouts/main.js [--seeds 100] [--first 1] [--factors 1.3,1] [--devices 200] [--broken 0.05] [--away 0.05]
 */
import { parseArgs } from 'node:util';
import { rolloutSpecSchema } from '@alpharho/protocol';
import { type Ending, runScene, type Scene } from './run.ts';

const { values } = parseArgs({
  options: {
    seeds: { type: 'string', default: '100' },
    first: { type: 'string', default: '1' },
    factors: { type: 'string', default: '1.3,1' },
    devices: { type: 'string', default: '200' },
    broken: { type: 'string', default: '0.05' },
    away: { type: 'string', default: '0.05' },
    controls: { type: 'string', default: '12' },
  },
});
const id = 'b'.repeat(64);
const scene: Scene = {
  spec: rolloutSpecSchema.parse({ variant: id, targets: { where: 'id=*' } }),
  devices: Number(values.devices),
  broken: Number(values.broken),
  away: Number(values.away),
  controls: Number(values.controls),
};

function median(numbers: number[]): string {
  return String(numbers.toSorted((a, b) => a - b)[Math.floor(numbers.length / 2)] ?? '-');
}

function row(factor: number, endings: Ending[]): string {
  const count = (of: (ending: Ending) => boolean) => String(endings.filter(of).length);
  const total = (of: (ending: Ending) => string[]) => String(endings.reduce((sum, ending) => sum + of(ending).length, 0));
  return [
    `${factor}`,
    count(({ caught, phase }) => caught && phase === 0),
    count(({ caught, phase }) => caught && phase === 1),
    count(({ caught, phase }) => caught && phase > 1),
    count(({ state, caught }) => state === 'paused' && !caught),
    count(({ state }) => state === 'completed'),
    median(endings.map(({ minutes }) => minutes)),
    total(({ astray }) => astray),
    total(({ refetched }) => refetched),
  ].join(' | ');
}

console.log(
  `${values.seeds} seeds from ${values.first}, ${scene.devices} devices, ${values.broken} broken, ${values.away} away at the start`,
);
console.log(
  'p95 × | caught at the canary | in the 10 % | later | paused | completed | median minutes | sound devices astray | fetched twice',
);
for (const factor of values.factors.split(',').map(Number)) {
  const endings: Ending[] = [];
  for (let index = 0; index < Number(values.seeds); index += 1) {
    const seed = Number(values.first) + index;
    const ending = runScene(scene, { id, factor }, seed);
    endings.push(ending);
    const expected = factor === 1 ? ending.state === 'completed' : ending.caught && ending.phase <= 1;
    if (!expected) console.log(`  seed ${seed}: ${ending.state} in phase ${ending.phase + 1} after ${ending.minutes} min: ${ending.why}`);
  }
  console.log(row(factor, endings));
}
