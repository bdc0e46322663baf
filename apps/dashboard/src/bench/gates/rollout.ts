/** @file A rollout over a simulated fleet as far as its gates see it: phases, soaking, a look a minute. */
import type { Gates, TreatedDevice, Verdict } from '../../server/rollouts/gates/input.ts';
import { judge, summarise } from '../../server/rollouts/gates/judge.ts';
import { type Nature, type SimulatedDevice, simulatedFleet, type Variant } from './fleet.ts';
import { randomOf } from './random.ts';

const minute = 60_000;

export type Plan = {
  devices: number;
  /** Devices that have been told by the end of each phase. */
  phases: readonly number[];
  soakMinutes: number;
  /** A phase that has not passed by then is paused. */
  deadlineMinutes: number;
  lookEveryMinutes: number;
  gates: Gates;
  nature: Nature;
  /** Controls of each class that are looked at. */
  controls: number;
  /** Share of devices that never switch. */
  broken: number;
};

export type Ending = {
  outcome: 'completed' | 'failed' | 'paused';
  /** Phase in which it ended, from 0. */
  phase: number;
  /** Of the rollout, and of that phase alone. */
  minutes: number;
  phaseMinutes: number;
  looks: number;
  decisive: Verdict | undefined;
};

export function runRollout(plan: Plan, variant: Variant, seed: number): Ending {
  const random = randomOf(seed + 7);
  // Some time of some day: rollouts begin when people are at work, at night, and between.
  const begin = Math.floor(random.uniform() * 24 * 60) * minute;
  const start = begin - plan.gates.baseline - minute;
  const fleet = shuffled(simulatedFleet(plan.devices, seed, start, plan.nature), random.uniform);
  const treated: TreatedDevice[] = [];
  let now = begin;
  let looks = 0;
  for (const [phase, target] of plan.phases.entries()) {
    const from = phase === 0 ? 0 : (plan.phases[phase - 1] ?? 0);
    const phaseBegin = now;
    for (const device of fleet.slice(from, target)) tell(device, variant, now, treated, plan.broken, random.uniform);
    let passed = false;
    while (!passed) {
      now += plan.lookEveryMinutes * minute;
      const verdicts = look(fleet, treated, target, now, plan);
      looks += 1;
      const phaseMinutes = (now - phaseBegin) / minute;
      const ending = { phase, minutes: (now - begin) / minute, phaseMinutes, looks };
      const outcome = summarise(verdicts);
      if (outcome === 'fail') return { ...ending, outcome: 'failed', decisive: verdicts.find(({ verdict }) => verdict === 'fail') };
      passed = outcome === 'pass' && phaseMinutes >= plan.soakMinutes;
      if (!passed && phaseMinutes >= plan.deadlineMinutes) {
        return { ...ending, outcome: 'paused', decisive: verdicts.find(({ verdict }) => verdict === 'inconclusive') };
      }
    }
  }
  const minutes = (now - begin) / minute;
  return { outcome: 'completed', phase: plan.phases.length - 1, minutes, phaseMinutes: minutes, looks, decisive: undefined };
}

/** It downloads, shadows and switches within a few minutes, or never. */
function tell(
  device: SimulatedDevice,
  variant: Variant,
  now: number,
  treated: TreatedDevice[],
  broken: number,
  uniform: () => number,
): void {
  const took = (1 + Math.floor(uniform() * 3)) * minute;
  if (uniform() < broken && treated.length > 0) return;
  device.give(variant, now + took);
  treated.push({ device: device.id, hardwareClass: device.board.name, variant: variant.id, toldAt: now, switchedAt: now + took });
}

function look(fleet: readonly SimulatedDevice[], treated: readonly TreatedDevice[], told: number, now: number, plan: Plan): Verdict[] {
  const own = new Set(treated.map(({ device }) => device));
  const used = new Map<string, number>();
  const control = fleet.slice(told).filter(({ board }) => {
    const count = used.get(board.name) ?? 0;
    used.set(board.name, count + 1);
    return count < plan.controls;
  });
  const seen = [...fleet.slice(0, told).filter(({ id }) => own.has(id)), ...control];
  const switched = treated.filter(({ switchedAt }) => switchedAt <= now);
  return judge({
    now,
    treated: switched,
    control: control.map(({ id, board }) => ({ device: id, hardwareClass: board.name })),
    windows: seen.flatMap((device) => device.until(now)),
    shadows: [],
    gates: plan.gates,
  });
}

function shuffled<T>(items: readonly T[], uniform: () => number): T[] {
  const result = [...items];
  for (let index = result.length - 1; index > 0; index -= 1) {
    const other = Math.floor(uniform() * (index + 1));
    [result[index], result[other]] = [result[other] as T, result[index] as T];
  }
  return result;
}
