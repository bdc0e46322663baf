/** @file One rollout over a simulated fleet, from the start until it has ended and everybody who comes back is back. */
import { countDevices, type RolloutSpec, type UpdatePhase } from '@alpharho/protocol';
import { simulatedFleet, usualNature, type Variant } from '../gates/fleet.ts';
import { type Random, randomOf } from '../gates/random.ts';
import { type Fault, FleetDevice } from './device.ts';
import { FleetHub } from './hub.ts';

const minute = 60_000;
/** The fleet lives, and the hub looks, so often. */
const tickMs = 5_000;
/** Nothing takes longer. */
const longestMs = 24 * 60 * minute;
const faultPhases: UpdatePhase[] = ['downloading', 'verifying', 'warming', 'shadowing', 'switching', 'probation'];

export type Scene = {
  spec: RolloutSpec;
  devices: number;
  /** Share that hangs, has no room, or goes away for good. */
  broken: number;
  /** Share that is away at the start and comes back within three hours. */
  away: number;
  controls: number;
};

export type Ending = {
  state: string;
  /** Phase, from 0, in which a gate failed or the rollout paused; the last one otherwise. */
  phase: number;
  /** From the start to the end of the rollout. */
  minutes: number;
  why: string | undefined;
  /** A gate or a device's own judgement stopped it. */
  caught: boolean;
  /** Devices without a fault that do not serve what they should in the end. */
  astray: string[];
  /** Devices that were away and did not fetch the variant exactly once; of a rollout that was completed. */
  refetched: string[];
  counts: Readonly<Record<string, number>>;
};

export function runScene(scene: Scene, variant: Variant, seed: number): Ending {
  const random = randomOf(seed + 7);
  const begin = Math.floor(random.uniform() * 24 * 60) * minute;
  const devices = makeFleet(scene, variant, seed, begin, random);
  const hub = new FleetHub(scene.spec, devices, scene.controls, begin);
  hub.start(begin);
  let now = begin;
  const tick = () => {
    now += tickMs;
    let heard = false;
    for (const device of devices) heard = device.live(now) || heard;
    hub.look(now, heard);
    if (now - begin > longestMs) throw new Error(`seed ${seed}: after a day it is ${hub.state}`);
  };
  hub.look(now, true);
  const over = ['completed', 'aborted', 'rolled_back', 'paused'];
  while (!over.includes(hub.state)) tick();
  const minutes = Math.round((now - begin) / minute);
  const state = hub.state;
  const stopped = hub.stories.find(({ kind }) => ['gate_failed', 'gate_inconclusive', 'failures_exceeded', 'paused'].includes(kind));
  const { phase } = stopped ?? hub.snapshot.progress;
  // Who was away comes back, and has the time that it takes.
  while (now < begin + 4 * 60 * minute) tick();
  const sound = devices.filter(({ isSound }) => isSound);
  const wanted = state === 'completed' ? variant.id : undefined;
  const counts = countDevices(hub.snapshot.progress.devices);
  return {
    state,
    phase,
    minutes,
    why: stopped?.message,
    caught: stopped?.kind === 'gate_failed' || stopped?.kind === 'failures_exceeded',
    astray: sound
      .filter(({ serving }) => (wanted === undefined ? state === 'rolled_back' && serving === variant.id : serving !== wanted))
      .map(({ id }) => id),
    refetched: sound.filter(({ isLate, downloads }) => state === 'completed' && isLate && downloads !== 1).map(({ id }) => id),
    counts,
  };
}

function makeFleet(scene: Scene, variant: Variant, seed: number, begin: number, random: Random): FleetDevice[] {
  const start = begin - scene.spec.gates.baseline - minute;
  const policy = { ...scene.spec.device, step: { ms: scene.spec.deadlines.step } };
  return simulatedFleet(scene.devices, seed, start, usualNature).map((frames) => {
    const draw = random.uniform();
    const fault = draw < scene.broken ? faultOf(random) : undefined;
    const returnsAt = fault === undefined && draw > 1 - scene.away ? begin + random.uniform() * 180 * minute : undefined;
    // 4 MB over 1 to 20 Mbit/s.
    const downloadMs = 32_000 / (1 + 19 * random.uniform());
    return new FleetDevice({ frames, policy, variant, downloadMs, fault, returnsAt });
  });
}

function faultOf(random: Random): Fault {
  const phase = faultPhases[Math.floor(random.uniform() * faultPhases.length)] ?? 'downloading';
  const kind = (['hang', 'disk_full', 'offline'] as const)[Math.floor(random.uniform() * 3)] ?? 'hang';
  return kind === 'disk_full' ? { kind } : { kind, phase };
}
