import { describe, expect, it } from 'vitest';
import {
  countDevices,
  initialRollout,
  type RolloutEvent,
  type RolloutProgress,
  type RolloutRules,
  reduceRollout,
} from './rollout-machine.ts';

const next = 'n'.repeat(64);
const old = (name: string) => name.repeat(64);
const rules: RolloutRules = { advance: ['automatic', 'approval', 'automatic'], onFail: 'roll_back', returnsAtOnce: 2 };

/** a is the canary, b and c come in the second phase, d and e in the third. */
const draft = initialRollout(
  Object.fromEntries(Object.entries({ a: 0, b: 1, c: 1, d: 2, e: 2 }).map(([id, phase]) => [id, { variant: next, phase }])),
);

const run = (from: RolloutProgress, ...events: RolloutEvent[]): RolloutProgress =>
  events.reduce((progress, event) => reduceRollout(progress, event, rules), from);
const statesOf = ({ devices }: RolloutProgress) => Object.values(devices).map(({ state }) => state);
const take = (...ids: string[]): RolloutEvent[] =>
  ids.flatMap((device): RolloutEvent[] => [
    { type: 'told', device, previous: old(device) },
    { type: 'moved', device },
    { type: 'committed', device },
  ]);
const pass = (phase: number): RolloutEvent[] => [{ type: 'settled' }, { type: 'soaked', phase }, { type: 'gate_passed', phase }];

const running = run(draft, { type: 'start' });
const second = run(running, ...take('a'), ...pass(0));
const third = run(second, ...take('b', 'c'), ...pass(1), { type: 'approve', phase: 1 });

describe('a rollout that goes well', () => {
  it('tells only the devices of its phase, and none twice', () => {
    const told = run(running, ...['a', 'b', 'd'].map((device): RolloutEvent => ({ type: 'told', device, previous: old(device) })));
    expect(statesOf(told)).toEqual(['told', 'waiting', 'waiting', 'waiting', 'waiting']);
    expect(run(told, { type: 'told', device: 'a', previous: old('x') })).toBe(told);
  });

  it('waits for every device of the phase, for the soak time, for its gates and for approval', () => {
    expect(run(running, { type: 'settled' })).toBe(running);
    expect(second).toMatchObject({ state: 'running', phase: 1 });
    const half = run(second, ...take('b'), { type: 'settled' });
    expect(half.state).toBe('running');
    expect(run(second, ...take('b', 'c'), ...pass(1))).toMatchObject({ state: 'awaiting_approval', phase: 1 });
    expect(third).toMatchObject({ state: 'running', phase: 2 });
    const done = run(third, ...take('d', 'e'), ...pass(2));
    expect(done.state).toBe('completed');
    expect(countDevices(done.devices)).toMatchObject({ committed: 5, waiting: 0 });
  });

  it('takes no word of another phase, so that a second click does not approve the next one', () => {
    const soaking = run(second, ...take('b', 'c'), { type: 'settled' });
    for (const event of [
      { type: 'soaked', phase: 0 },
      { type: 'gate_failed', phase: 0 },
      { type: 'skip', phase: 0 },
    ] as const) {
      expect(run(soaking, event)).toBe(soaking);
    }
    expect(run(third, { type: 'approve', phase: 1 })).toBe(third);
  });

  it('is not held up by a device that times out, and counts its late word', () => {
    const late = run(running, { type: 'told', device: 'a', previous: old('a') }, { type: 'timed_out', device: 'a' }, ...pass(0));
    expect(late).toMatchObject({ state: 'running', phase: 1 });
    expect(run(late, { type: 'committed', device: 'a' }).devices.a).toMatchObject({ state: 'committed', served: true });
  });

  it('gives a device that comes late its turn before it ends', () => {
    const late = run(third, ...take('d', 'e'), { type: 'settled' }, { type: 'joined', device: 'f', variant: next, phase: 7 });
    expect(late.devices.f).toEqual({ state: 'waiting', phase: 2, variant: next });
    const again = run(late, { type: 'soaked', phase: 2 }, { type: 'gate_passed', phase: 2 });
    expect(again).toMatchObject({ state: 'running', phase: 2 });
    expect(run(again, ...take('f'), ...pass(2)).state).toBe('completed');
    expect(run(again, { type: 'joined', device: 'a', variant: old('z'), phase: 0 })).toBe(again);
  });
});

describe('pause', () => {
  it('tells nobody anything, hears what devices say, and goes on where it was', () => {
    const paused = run(second, { type: 'told', device: 'b', previous: old('b') }, { type: 'pause', reason: 'operator' });
    expect(paused).toMatchObject({ state: 'paused', reason: 'operator', pausedFrom: 'running' });
    const heard = run(paused, { type: 'told', device: 'c' }, { type: 'committed', device: 'b' }, { type: 'settled' });
    expect(statesOf(heard)).toEqual(['committed', 'committed', 'waiting', 'waiting', 'waiting']);
    expect(run(heard, { type: 'pause', reason: 'deadline' })).toBe(heard);
    const resumed = run(heard, { type: 'resume' });
    expect(resumed).toMatchObject({ state: 'running', phase: 1 });
    expect(resumed).not.toHaveProperty('reason');
    expect(run(resumed, { type: 'resume' })).toBe(resumed);
  });

  it('may be ended by going on past gates that could not tell, but not past devices that are on their way', () => {
    const evaluating = run(second, ...take('b', 'c'), { type: 'settled' }, { type: 'soaked', phase: 1 });
    const unclear = run(evaluating, { type: 'pause', reason: 'gate_inconclusive' });
    expect(run(unclear, { type: 'skip', phase: 1 })).toMatchObject({ state: 'running', phase: 2 });
    const early = run(second, { type: 'pause', reason: 'operator' });
    expect(run(early, { type: 'skip', phase: 1 })).toBe(early);
  });
});

describe('retry', () => {
  it('gives what failed another turn in the phase under way, and keeps the way back that it had', () => {
    const failed = run(
      second,
      ...take('b'),
      { type: 'told', device: 'c', previous: old('c') },
      { type: 'rolled_back', device: 'c' },
      { type: 'settled' },
    );
    expect(failed.state).toBe('soaking');
    const again = run(failed, { type: 'retry' });
    expect(again).toMatchObject({ state: 'running', phase: 1, devices: { b: { state: 'committed' }, c: { state: 'waiting' } } });
    expect(run(again, { type: 'retry' })).toBe(again);
    const told = run(again, { type: 'told', device: 'c', previous: next });
    expect(told.devices.c).toMatchObject({ state: 'told', previous: old('c') });
  });

  it('is for one device where it names one', () => {
    const fail = (device: string): RolloutEvent[] => [
      { type: 'told', device, previous: old(device) },
      { type: 'failed', device },
    ];
    const failed = run(second, ...fail('b'), ...fail('c'));
    expect(run(failed, { type: 'retry', device: 'c' }).devices).toMatchObject({ b: { state: 'failed' }, c: { state: 'waiting' } });
  });
});

describe('abort', () => {
  it('gives back what is on its way at once, leaves out what waits, and keeps what is committed', () => {
    const busy = run(
      third,
      ...take('d'),
      { type: 'told', device: 'e', previous: old('e') },
      { type: 'joined', device: 'f', variant: next, phase: 2 },
    );
    const aborted = run(busy, { type: 'moved', device: 'e' }, { type: 'abort' });
    expect(aborted.state).toBe('aborted');
    expect(statesOf(aborted)).toEqual(['committed', 'committed', 'committed', 'committed', 'returning', 'skipped']);
    // A word that was under way does not bring it back into the rollout.
    expect(run(aborted, { type: 'committed', device: 'e' })).toBe(aborted);
    expect(run(aborted, { type: 'returned', device: 'e' }).devices.e).toMatchObject({ state: 'returned', previous: old('e') });
  });
});

describe('rollback', () => {
  const busy = run(third, ...take('d'), { type: 'told', device: 'e', previous: old('e') });
  const back = run(busy, { type: 'gate_failed', phase: 2 });

  it('follows a failed gate where the rollout says so', () => {
    expect(back.state).toBe('rolling_back');
    expect(statesOf(back)).toEqual(['committed', 'committed', 'committed', 'committed', 'returning']);
    const after = (onFail: RolloutRules['onFail']) => reduceRollout(busy, { type: 'gate_failed', phase: 2 }, { ...rules, onFail });
    expect(after('pause')).toMatchObject({ state: 'paused', reason: 'gate_failed', pausedFrom: 'running' });
    expect(after('abort').state).toBe('aborted');
  });

  it('gives each device its own previous variant, a bounded number at once', () => {
    const give = (...ids: string[]): RolloutEvent[] => ids.map((device) => ({ type: 'give_back', device }));
    const two = run(back, ...give('a', 'b', 'c', 'd'));
    expect(statesOf(two)).toEqual(['returning', 'returning', 'committed', 'committed', 'returning']);
    const on = run(two, { type: 'returned', device: 'b' }, ...give('c', 'd'), { type: 'settled' });
    expect(on.state).toBe('rolling_back');
    expect(statesOf(on)).toEqual(['returning', 'returned', 'returning', 'committed', 'returning']);
    const ended = run(
      on,
      ...['a', 'c', 'e'].map((device): RolloutEvent => ({ type: 'returned', device })),
      ...give('d'),
      { type: 'returned', device: 'd' },
      { type: 'settled' },
    );
    expect(ended.state).toBe('rolled_back');
    expect(Object.entries(ended.devices).map(([id, { state, previous }]) => [id, state, previous])).toEqual(
      ['a', 'b', 'c', 'd', 'e'].map((id) => [id, 'returned', old(id)]),
    );
  });

  it('that fails ends in a pause, and goes on by hand', () => {
    const say = (type: 'returned' | 'return_failed', device: string): RolloutEvent[] => [
      { type: 'give_back', device },
      { type, device },
    ];
    const failed = run(back, ...say('return_failed', 'a'), ...['b', 'c', 'd', 'e'].flatMap((device) => say('returned', device)), {
      type: 'settled',
    });
    expect(failed).toMatchObject({ state: 'paused', reason: 'rollback_failed', pausedFrom: 'rolling_back' });
    const again = run(failed, { type: 'retry' });
    expect(again).toMatchObject({ state: 'rolling_back', devices: { a: { state: 'committed', previous: old('a') } } });
    expect(run(again, ...say('returned', 'a'), { type: 'settled' }).state).toBe('rolled_back');
    expect(run(failed, { type: 'skip_device', device: 'a' }, { type: 'resume' }, { type: 'settled' }).state).toBe('rolled_back');
  });

  it('is held up by no device that is silent', () => {
    const silent = run(
      back,
      ...['a', 'b', 'c', 'd'].flatMap((device): RolloutEvent[] => [
        { type: 'give_back', device },
        { type: 'returned', device },
      ]),
      { type: 'timed_out', device: 'e' },
      { type: 'settled' },
    );
    expect(silent).toMatchObject({ state: 'rolled_back', devices: { e: { state: 'timed_out' } } });
    expect(run(silent, { type: 'returned', device: 'e' }).devices.e?.state).toBe('returned');
  });

  it('leaves a device alone that was given another variant meanwhile', () => {
    const given = run(busy, { type: 'superseded', device: 'a' }, { type: 'roll_back' }, { type: 'give_back', device: 'a' });
    expect(given.devices.a?.state).toBe('superseded');
  });

  it('says of a device whose previous variant nobody knows that it cannot go back', () => {
    const unknown = run(running, { type: 'told', device: 'a' }, { type: 'roll_back' });
    expect(unknown.devices.a?.state).toBe('return_failed');
    expect(run(unknown, { type: 'settled' })).toMatchObject({ state: 'paused', reason: 'rollback_failed' });
  });
});

describe('what an event does not change', () => {
  it('stays the very same object, so that only what differs is written down', () => {
    const one = run(second, { type: 'told', device: 'b', previous: old('b') });
    for (const id of ['a', 'c', 'd', 'e']) expect(one.devices[id]).toBe(second.devices[id]);
    const aborted = run(third, { type: 'abort' });
    for (const id of ['a', 'b', 'c']) expect(aborted.devices[id]).toBe(third.devices[id]);
  });

  it('is everything, where it speaks of a device that is no target', () => {
    for (const device of ['z', 'constructor', 'toString']) {
      expect(run(third, { type: 'told', device }, { type: 'returned', device }, { type: 'retry', device })).toBe(third);
    }
  });
});
