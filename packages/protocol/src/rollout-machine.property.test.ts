/** @file The rollout machine over random orders of events: duplicates, late words, and a hub that is killed at any moment. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  countDevices,
  goesBack,
  initialRollout,
  isOpen,
  type RolloutDevice,
  type RolloutEvent,
  type RolloutProgress,
  type RolloutRules,
  reduceRollout,
} from './rollout-machine.ts';
import {
  endedRolloutStates,
  pauseReasons,
  type RolloutDeviceState,
  type RolloutState,
  rolloutDeviceStates,
  rolloutDeviceTransitions,
  rolloutStates,
  rolloutTransitions,
} from './rollout-states.ts';

const orders = 10_000;
const digests = ['a', 'b', 'c', 'd'].map((digit) => digit.repeat(64));
const ids = ['cam-1', 'cam-2', 'cam-3', 'cam-4', 'constructor', 'late-1', 'late-2'];

const anyRules: fc.Arbitrary<RolloutRules> = fc.record({
  advance: fc.array(fc.constantFrom('automatic' as const, 'approval' as const), { minLength: 1, maxLength: 3 }),
  onFail: fc.constantFrom('pause', 'abort', 'roll_back'),
  returnsAtOnce: fc.integer({ min: 1, max: 2 }),
});
const anyFleet = fc
  .array(fc.record({ phase: fc.nat(2), variant: fc.constantFrom(...digests) }), { maxLength: 5 })
  .map((devices) => Object.fromEntries(devices.map((device, index) => [ids[index]!, device])));

/** Every event that could be sent, sensible here or not. */
function everyEvent(phase: number, previous: string): RolloutEvent[] {
  const plain = ['schedule', 'start', 'settled', 'resume', 'abort', 'roll_back'] as const;
  const phased = ['soaked', 'gate_passed', 'gate_failed', 'failures_exceeded', 'approve', 'skip'] as const;
  const words = [
    'moved',
    'committed',
    'failed',
    'rolled_back',
    'timed_out',
    'skip_device',
    'superseded',
    'give_back',
    'returned',
    'return_failed',
  ] as const;
  const reasons = (Object.keys(pauseReasons) as (keyof typeof pauseReasons)[]).filter((reason) => reason !== 'rollback_failed');
  return [
    ...plain.map((type) => ({ type })),
    ...phased.map((type) => ({ type, phase })),
    ...reasons.map((reason) => ({ type: 'pause' as const, reason })),
    { type: 'retry' },
    ...ids.flatMap((device): RolloutEvent[] => [
      { type: 'joined', device, variant: previous, phase },
      { type: 'told', device, previous },
      { type: 'told', device },
      { type: 'retry', device },
      ...words.map((type) => ({ type, device })),
    ]),
  ];
}

/** What happens next: something that has an effect (mostly what leads on), anything at all, an earlier event again, or a hub's death. */
type Step = { kind: 'effect' | 'anything' | 'again' | 'killed'; choice: number };
const anyStep: fc.Arbitrary<Step> = fc.record({
  kind: fc.constantFrom('effect', 'effect', 'effect', 'effect', 'effect', 'anything', 'again', 'killed'),
  choice: fc.nat(1_000_000),
});
/** Prime, so that a search that begins anywhere comes by every event in an order unlike that of the list. */
const stride = 37;
const drastic = new Set<RolloutEvent['type']>([
  'abort',
  'roll_back',
  'gate_failed',
  'failures_exceeded',
  'pause',
  'superseded',
  'skip_device',
]);

/** Applies steps one by one, and tells of each what was before and after. */
function play(
  start: RolloutProgress,
  steps: readonly Step[],
  rules: RolloutRules,
  watch: (before: RolloutProgress, event: RolloutEvent, after: RolloutProgress) => void,
): RolloutProgress {
  const sent: RolloutEvent[] = [];
  let progress = start;
  for (const { kind, choice } of steps) {
    if (kind === 'killed') {
      const read: RolloutProgress = JSON.parse(JSON.stringify(progress));
      expect(read).toEqual(progress);
      progress = read;
      continue;
    }
    const event = kind === 'again' && sent.length > 0 ? sent[choice % sent.length]! : choose(progress, kind, choice, rules);
    const after = reduceRollout(progress, event, rules);
    watch(progress, event, after);
    sent.push(event);
    progress = after;
  }
  return progress;
}

function choose(progress: RolloutProgress, kind: Step['kind'], choice: number, rules: RolloutRules): RolloutEvent {
  const phase = kind === 'anything' ? choice % 4 : progress.phase;
  const all = everyEvent(phase, digests[choice % digests.length]!);
  if (kind === 'anything') return all[choice % all.length]!;
  const found = (isWanted: (event: RolloutEvent) => boolean): RolloutEvent | undefined => {
    for (let index = 0; index < all.length; index += 1) {
      const event = all[(choice + index * stride) % all.length]!;
      if (isWanted(event) && reduceRollout(progress, event, rules) !== progress) return event;
    }
    return undefined;
  };
  return (choice % 12 === 0 ? undefined : found(({ type }) => !drastic.has(type))) ?? found(() => true) ?? all[0]!;
}

/** The name under which the devices' table knows what an event of the rollout does to them. */
function deviceEventOf({ type }: RolloutEvent, { onFail }: RolloutRules): string {
  if (type === 'gate_failed' || type === 'failures_exceeded') return onFail;
  return type;
}

function expectLegal(before: RolloutProgress, event: RolloutEvent, after: RolloutProgress, rules: RolloutRules): void {
  if (after.state !== before.state) {
    const row: Partial<Record<string, readonly RolloutState[]>> = rolloutTransitions[before.state];
    expect(row[event.type], `${before.state} --${event.type}--> ${after.state}`).toContain(after.state);
  }
  if (after.phase !== before.phase) expect([after.phase, after.state]).toEqual([before.phase + 1, 'running']);
  expect(after.phase).toBeLessThan(rules.advance.length);
  if ('phase' in event && event.type !== 'joined' && event.phase !== before.phase) expect(after).toBe(before);
  if (after.state !== before.state && event.type !== 'resume') expectSettled(after);
  expect(after.reason !== undefined && after.pausedFrom !== undefined).toBe(after.state === 'paused');
  for (const [id, device] of Object.entries(after.devices)) {
    const was = Object.hasOwn(before.devices, id) ? before.devices[id] : undefined;
    if (was === undefined) expect([event.type, device.state]).toEqual(['joined', 'waiting']);
    else if (was !== device) {
      expectLegalDevice(was, event, device, rules);
      const isForward = ['waiting', 'told', 'moving'].includes(device.state) || event.type === 'committed';
      if (goesBack(before)) expect(isForward, `${device.state} on the way back`).toBe(false);
    }
  }
}

/** What a state says of the devices is so when it is entered. */
function expectSettled({ state, phase, reason, devices }: RolloutProgress): void {
  const all = Object.values(devices);
  const some = (...states: RolloutDeviceState[]) => all.some((device) => states.includes(device.state));
  if (state === 'soaking' || state === 'completed') expect(all.some((device) => isOpen(device, phase))).toBe(false);
  if (state === 'rolled_back') expect(some('waiting', 'told', 'moving', 'committed', 'returning', 'return_failed')).toBe(false);
  if (reason === 'rollback_failed') expect(some('return_failed') && !some('told', 'moving', 'committed', 'returning')).toBe(true);
}

function expectLegalDevice(was: RolloutDevice, event: RolloutEvent, device: RolloutDevice, rules: RolloutRules): void {
  const type = deviceEventOf(event, rules);
  const row: Partial<Record<string, readonly RolloutDeviceState[]>> = rolloutDeviceTransitions[was.state];
  expect(row[type], `${was.state} --${type}--> ${device.state}`).toContain(device.state);
  expect([device.variant, device.phase]).toEqual([was.variant, was.phase]);
  if (was.previous !== undefined) expect(device.previous).toBe(was.previous);
  if (device.state === 'returning' || device.state === 'returned') expect(device.previous).toBeDefined();
}

/** An engine, an operator and devices that all do their part, from wherever things stand. */
function seeThrough(start: RolloutProgress, rules: RolloutRules): RolloutProgress {
  let progress = start;
  const send = (event: RolloutEvent): void => {
    progress = reduceRollout(progress, event, rules);
  };
  for (let turn = 0; turn < 20 && !isEnded(progress.state); turn += 1) {
    for (const device of Object.keys(progress.devices)) {
      for (const type of answers(progress, progress.devices[device]!)) send({ type, device });
    }
    const { phase } = progress;
    for (const type of ['start', 'resume', 'settled'] as const) send({ type });
    for (const type of ['soaked', 'gate_passed', 'approve'] as const) send({ type, phase });
  }
  return progress;
}

function answers(progress: RolloutProgress, device: RolloutDevice) {
  if (progress.state === 'running' && isOpen(device, progress.phase)) return ['told', 'committed'] as const;
  // An operator leaves it at that; else the rollback would end in the same pause again and again.
  if (device.state === 'return_failed') return ['skip_device'] as const;
  if (progress.state !== 'rolling_back') return [];
  return device.state === 'committed' || device.state === 'returning' ? (['give_back', 'returned'] as const) : [];
}

function isEnded(state: RolloutState): boolean {
  return (endedRolloutStates as readonly RolloutState[]).includes(state);
}

describe(`over ${orders} random orders of events, with duplicates, late words and hubs that are killed`, () => {
  it('no edge is taken that the tables do not list, counts sum to the target set, and an end can always be reached', () => {
    const seen = { states: new Set<string>(), devices: new Set<string>() };
    fc.assert(
      fc.property(anyFleet, anyRules, fc.array(anyStep, { maxLength: 60, size: 'max' }), (fleet, rules, steps) => {
        const targets = new Set(Object.keys(fleet));
        const end = play(initialRollout(fleet), steps, rules, (before, event, after) => {
          expectLegal(before, event, after, rules);
          if (event.type === 'joined' && after !== before) targets.add(event.device);
          expect(Object.keys(after.devices).every((id) => targets.has(id))).toBe(true);
          expect(Object.values(countDevices(after.devices)).reduce((sum, count) => sum + count, 0)).toBe(targets.size);
          const returning = Object.values(after.devices).filter(({ state, served }) => state === 'returning' && served);
          expect(returning.length).toBeLessThanOrEqual(rules.returnsAtOnce);
          expect(reduceRollout(after, event, rules), `${event.type} twice`).toBe(after);
          seen.states.add(after.state);
          for (const { state } of Object.values(after.devices)) seen.devices.add(state);
        });
        expect(seeThrough(end, rules).state).toSatisfy(isEnded);
        const stopped = reduceRollout(end, { type: 'abort' }, rules);
        expect(stopped.state).toSatisfy(isEnded);
      }),
      { numRuns: orders },
    );
    // A history that never got anywhere would hold all of this just as well.
    expect([...seen.states].sort()).toEqual(Object.keys(rolloutStates).sort());
    expect([...seen.devices].sort()).toEqual(Object.keys(rolloutDeviceStates).sort());
  }, 240_000);

  it('a hub that is killed after every event comes to the same end as one that lives', () => {
    fc.assert(
      fc.property(anyFleet, anyRules, fc.array(anyStep, { maxLength: 60, size: 'max' }), (fleet, rules, steps) => {
        const alive = steps.filter(({ kind }) => kind !== 'killed');
        const killed = alive.flatMap((step): Step[] => [step, { kind: 'killed', choice: 0 }]);
        const ignore = (): void => undefined;
        expect(play(initialRollout(fleet), killed, rules, ignore)).toEqual(play(initialRollout(fleet), alive, rules, ignore));
      }),
      { numRuns: 500 },
    );
  }, 60_000);
});
