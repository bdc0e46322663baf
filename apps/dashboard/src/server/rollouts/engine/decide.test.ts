import { describe, expect, it } from 'vitest';
import { FakeDevice, FakeFleet, newVariant, oldVariant } from '../../../../test/support/fake-fleet.ts';

const minute = 60_000;
const hour = 60 * minute;
const fleetOf = (count: number, more: ConstructorParameters<typeof FakeDevice>[1] = 'ok') =>
  Array.from({ length: count }, (_, index) => new FakeDevice(`cam-${index}`, more));
const phases = (...list: object[]) => ({ phases: list.map((phase) => ({ soak: minute, ...phase })) });
const all = phases({ percent: 100 });

function started(...args: ConstructorParameters<typeof FakeFleet>): FakeFleet {
  const fleet = new FakeFleet(...args);
  fleet.say({ type: 'start' });
  fleet.look();
  return fleet;
}

describe('a rollout', () => {
  it('goes canary, soak, gate, rest, and ends', () => {
    const fleet = started(fleetOf(4), phases({ count: 1 }, { percent: 100 }), [0, 1, 1, 1]);
    expect(fleet.states()).toEqual({ 'cam-0': 'told', 'cam-1': 'waiting', 'cam-2': 'waiting', 'cam-3': 'waiting' });
    fleet.until(() => fleet.state === 'soaking');
    expect([fleet.count('committed'), fleet.count('waiting')]).toEqual([1, 3]);
    const soakBegan = fleet.now;
    fleet.until(() => fleet.phase === 1);
    expect(fleet.now - soakBegan).toBe(minute);
    fleet.until(() => fleet.state === 'completed');
    expect(fleet.count('committed')).toBe(4);
    expect(fleet.stories.filter(({ device }) => device === undefined).map(({ kind }) => kind)).toEqual([
      'running',
      'soaking',
      'evaluating',
      'running',
      'soaking',
      'evaluating',
      'completed',
    ]);
  });

  it('waits for its time, and for a word between phases', () => {
    const spec = { ...phases({ count: 1, advance: 'approval' }, { percent: 100 }), schedule: { notBefore: hour } };
    const fleet = new FakeFleet(fleetOf(2), spec, [0, 1]);
    fleet.say({ type: 'schedule' });
    expect(fleet.look()).toBe(hour);
    fleet.tick(hour - 1);
    expect(fleet.state).toBe('scheduled');
    fleet.tick(1);
    fleet.until(() => fleet.state === 'awaiting_approval');
    fleet.tick(10 * minute, 10);
    expect([fleet.state, fleet.count('waiting')]).toEqual(['awaiting_approval', 1]);
    expect(fleet.say({ type: 'approve', phase: 0 })).toBe(true);
    // The second operator's click names the same phase, and does not approve the next one.
    expect(fleet.say({ type: 'approve', phase: 0 })).toBe(false);
    fleet.until(() => fleet.state === 'completed');
  });

  it('has no more devices on their way than it may, and tells no more in a minute', () => {
    const fleet = started(fleetOf(30), phases({ percent: 100, concurrency: 5 }));
    let most = 0;
    fleet.until(() => {
      most = Math.max(most, fleet.count('told') + fleet.count('moving'));
      return fleet.state === 'soaking';
    });
    expect(most).toBe(5);

    const slow = started(fleetOf(10), phases({ percent: 100, perMinute: 3 }));
    const told = () => 10 - slow.count('waiting');
    expect(told()).toBe(3);
    slow.tick(1000, 59);
    expect(told()).toBe(3);
    slow.tick(1000, 1);
    expect(told()).toBe(6);
  });

  it('tells hundreds in portions, all the same at once', () => {
    const fleet = started(fleetOf(230), phases({ percent: 100, concurrency: 1000 }));
    expect(fleet.count('told')).toBe(230);
  });

  it('asks its gates while devices serve the new variant, and stops at the first fail', () => {
    for (const [onFail, state] of [
      ['pause', 'paused gate_failed'],
      ['abort', 'aborted'],
      ['roll_back', 'rolled_back'],
    ] as const) {
      const fleet = started(fleetOf(3), { ...phases({ count: 1 }, { percent: 100 }), onFail }, [0, 1, 1]);
      fleet.until(() => fleet.state === 'soaking');
      fleet.gates = () => ({ outcome: 'fail', why: 'Pi 4: p95 rose by 30 %' });
      fleet.until(() => fleet.state !== 'soaking' && fleet.state !== 'rolling_back');
      expect(fleet.state).toBe(state);
      expect(fleet.stories).toContainEqual(expect.objectContaining({ kind: 'gate_failed', message: 'Pi 4: p95 rose by 30 %' }));
      expect(fleet.count('waiting') + fleet.count('skipped')).toBe(2);
    }
  });

  it('never passes where the gates cannot tell: it waits, and then pauses', () => {
    const fleet = started(fleetOf(1), { ...all, onInconclusive: { wait: 10 * minute } });
    fleet.gates = () => ({ outcome: 'inconclusive', why: 'too few frames' });
    fleet.until(() => fleet.state === 'evaluating');
    fleet.tick(minute, 9);
    expect(fleet.state).toBe('evaluating');
    fleet.tick(minute, 1);
    expect(fleet.state).toBe('paused gate_inconclusive');
    fleet.gates = () => ({ outcome: 'pass', why: '' });
    fleet.say({ type: 'resume' });
    fleet.tick();
    expect(fleet.state).toBe('completed');
  });

  it('does not pass either where nobody came to serve the new variant', () => {
    const fleet = started([new FakeDevice('cam-0', 'ok', { online: false })], { ...all, onInconclusive: { wait: 0 } });
    fleet.tick(minute, 60);
    expect([fleet.state, fleet.states(), fleet.asked]).toEqual(['soaking', { 'cam-0': 'timed_out' }, 0]);
    fleet.tick(minute, 2);
    expect(fleet.state).toBe('paused gate_inconclusive');
  });

  it('stops when the variant fails on more devices than it may, and not for a bad link', () => {
    const mixed = [...fleetOf(3), new FakeDevice('dark', 'no_link'), new FakeDevice('slow-1', 'shadow_slow')];
    const one = started(mixed, { ...all, onFail: 'pause', gates: { failuresAllowed: 1 }, retries: { max: 0 } });
    one.until(() => one.state === 'soaking');
    expect(one.states()).toMatchObject({ dark: 'failed', 'slow-1': 'failed', 'cam-2': 'committed' });
    const two = started([...fleetOf(3), new FakeDevice('slow-1', 'shadow_slow'), new FakeDevice('slow-2', 'rolled_back')], {
      ...all,
      onFail: 'pause',
      gates: { failuresAllowed: 1 },
    });
    two.until(() => two.state.startsWith('paused'));
    expect(two.state).toBe('paused failures_exceeded');
    // An operator who has seen it goes on.
    two.say({ type: 'resume' });
    two.until(() => two.state === 'completed');
  });
});

describe('a device', () => {
  it('that cannot fetch the variant is told again with back-off, and at last told to stay with what it has', () => {
    const fleet = started([new FakeDevice('cam-0', 'no_link')], { ...all, retries: { max: 2, backoff: minute } });
    const tries: number[] = [];
    const device = fleet.device('cam-0');
    fleet.until(() => {
      if (device.now.desiredId === newVariant && tries.length < device.now.desiredRevision) tries.push(fleet.now);
      return fleet.state === 'soaking';
    });
    const waits = tries.slice(1).map((at, index) => Math.round((at - (tries[index] ?? 0)) / minute));
    expect(waits).toEqual([1, 2]);
    expect(fleet.states()).toEqual({ 'cam-0': 'failed' });
    fleet.look();
    expect(device.now).toMatchObject({ desiredId: oldVariant('a') });
  });

  it('that refused the variant is not told again', () => {
    const fleet = started([new FakeDevice('cam-0', 'shadow_slow')], { ...all, gates: { failuresAllowed: 1 } });
    fleet.until(() => fleet.state === 'soaking');
    fleet.tick(minute, 5);
    expect(fleet.device('cam-0').now.desiredRevision).toBe(1);
  });

  it.each(['downloading', 'verifying', 'warming', 'shadowing', 'switching', 'probation'] as const)(
    'that hangs in %s is timed out by its step and holds nobody up',
    (phase) => {
      const spec = { ...phases({ percent: 100, concurrency: 1 }), deadlines: { step: 5 * minute } };
      const fleet = started([new FakeDevice('cam-0', { phase }), ...fleetOf(3).slice(1)], spec);
      fleet.until(() => fleet.state === 'soaking', 10_000);
      expect(fleet.states()).toEqual({ 'cam-0': 'timed_out', 'cam-1': 'committed', 'cam-2': 'committed' });
      expect(fleet.now).toBeLessThan(10 * minute);
      expect(fleet.stories.filter(({ kind }) => kind === 'timed_out')).toHaveLength(1);
      // A late word still counts.
      fleet.device('cam-0').fate = 'ok';
      fleet.tick(1000, 10);
      expect(fleet.states()['cam-0']).toBe('committed');
    },
  );

  it('that makes progress keeps its step, but not its deadline', () => {
    const fleet = started([new FakeDevice('cam-0', 'hangs')], { ...all, deadlines: { step: 2 * minute, device: 30 * minute } });
    for (let percent = 0; fleet.states()['cam-0'] !== 'timed_out'; percent += 1) {
      fleet.device('cam-0').set({ progress: percent });
      fleet.tick(minute);
    }
    expect(fleet.now).toBe(30 * minute);
  });

  it('that is away takes nobody’s place, times out, and takes the variant when it returns, though the rollout is over', () => {
    const away = [0, 1, 2].map((index) => new FakeDevice(`away-${index}`, 'ok', { online: false }));
    const fleet = started([...away, ...fleetOf(2)], phases({ percent: 100, concurrency: 1 }));
    fleet.until(() => fleet.count('committed') === 2);
    expect(fleet.count('told')).toBe(3);
    fleet.until(() => fleet.state === 'completed', minute);
    expect(fleet.count('timed_out')).toBe(3);
    for (const device of away) device.set({ online: true });
    let most = 0;
    fleet.until(() => {
      most = Math.max(most, away.filter(({ now }) => ['warming', 'shadowing', 'switching', 'probation'].includes(now.phase)).length);
      return fleet.count('committed') === 5;
    });
    expect(away.every(({ now, seen }) => now.desiredRevision === 1 && seen.filter((phase) => phase === 'downloading').length === 1)).toBe(
      true,
    );
  });

  it('that come back all at once while it runs do not exceed the limit', () => {
    const away = Array.from({ length: 50 }, (_, index) => new FakeDevice(`away-${index}`, 'ok', { online: false }));
    const fleet = started([...fleetOf(1), ...away], phases({ percent: 100, concurrency: 4 }));
    fleet.tick();
    for (const device of away) device.set({ online: true });
    let most = 0;
    fleet.until(() => {
      const switching = away.filter(({ now }) => ['warming', 'shadowing', 'switching', 'probation'].includes(now.phase));
      most = Math.max(most, switching.length);
      return fleet.state === 'soaking';
    });
    expect([most, fleet.count('committed')]).toEqual([4, 51]);
  });

  it('that never said what it serves, or is busy without end, is passed over', () => {
    const silent = new FakeDevice('silent', 'ok', { serving: null });
    const busy = new FakeDevice('busy', 'ok', { phase: 'probation', desiredId: oldVariant('c'), desiredRevision: 4, seenRevision: 4 });
    busy.live = () => undefined;
    const fleet = started([silent, busy, ...fleetOf(1)], all);
    fleet.until(() => fleet.state === 'soaking', minute);
    expect(fleet.states()).toEqual({ silent: 'skipped', busy: 'skipped', 'cam-0': 'committed' });
    expect([silent, busy].map(({ now }) => now.desiredId)).toEqual([null, oldVariant('c')]);
  });

  it('that is given another variant by hand is left alone, also by the way back', () => {
    const fleet = started(fleetOf(2), all);
    fleet.until(() => fleet.state === 'soaking');
    fleet.device('cam-0').set({ desiredId: oldVariant('c'), desiredRevision: 2 });
    fleet.tick();
    expect(fleet.states()['cam-0']).toBe('superseded');
    fleet.say({ type: 'roll_back' });
    fleet.until(() => fleet.state === 'rolled_back');
    expect(fleet.device('cam-0').now.serving).toBe(oldVariant('c'));
    expect(fleet.device('cam-1').now.serving).toBe(oldVariant('a'));
  });

  it('that an operator gives the same variant once more is still ours', () => {
    const fleet = started([new FakeDevice('cam-0', 'shadow_slow'), ...fleetOf(2).slice(1)], { ...all, gates: { failuresAllowed: 1 } });
    fleet.until(() => fleet.states()['cam-0'] === 'failed');
    fleet.device('cam-0').fate = 'ok';
    fleet.device('cam-0').set({ desiredRevision: 2 });
    fleet.until(() => fleet.states()['cam-0'] === 'committed');
  });

  it('that comes late waits for the last phase, under its limits', () => {
    const fleet = started(fleetOf(3), phases({ count: 1 }, { percent: 100, concurrency: 2 }), [0, 1, 1]);
    const late = Array.from({ length: 50 }, (_, index) => new FakeDevice(`late-${index}`));
    for (const device of late) fleet.devices.set(device.id, device);
    const newcomers = late.map(({ id, now }) => ({ device: { id, variant: newVariant, hardwareClass: 'Pi 4' }, now }));
    fleet.look({ newcomers });
    expect([fleet.count('told'), fleet.count('waiting')]).toEqual([1, 52]);
    let most = 0;
    fleet.until(() => {
      most = Math.max(most, fleet.count('told') + fleet.count('moving'));
      return fleet.state === 'completed';
    });
    expect([most, fleet.count('committed')]).toEqual([2, 53]);
  });

  it('that failed is tried again on a word, with leave, and the rollout comes back for it', () => {
    const fleet = started([new FakeDevice('cam-0', 'shadow_slow'), ...fleetOf(2).slice(1)], { ...all, gates: { failuresAllowed: 1 } });
    fleet.until(() => fleet.state === 'completed');
    fleet.device('cam-0').fate = 'ok';
    expect(fleet.say({ type: 'retry' })).toBe(true);
    expect(fleet.say({ type: 'retry' })).toBe(false);
    fleet.until(() => fleet.state === 'completed');
    expect(fleet.count('committed')).toBe(2);
  });
});

describe('a pause', () => {
  it('holds who has not begun to switch, lets the others finish, and costs nobody his time', () => {
    const early = new FakeDevice('early', { phase: 'downloading' });
    const probing = new FakeDevice('probing', { phase: 'probation' });
    const fleet = started([early, probing, ...fleetOf(3)], phases({ percent: 100, concurrency: 2 }));
    fleet.until(() => probing.now.phase === 'probation');
    expect(fleet.say({ type: 'pause', reason: 'operator' })).toBe(true);
    expect(fleet.say({ type: 'pause', reason: 'operator' })).toBe(false);
    fleet.look();
    expect([early.now.desiredHold, probing.now.desiredHold, fleet.count('waiting')]).toEqual([true, false, 3]);
    fleet.tick(10 * minute, 30);
    expect(fleet.states()).toMatchObject({ early: 'moving', probing: 'moving' });
    early.fate = 'ok';
    probing.fate = 'ok';
    fleet.tick(10 * minute, 30);
    expect(fleet.states()).toMatchObject({ early: 'moving', probing: 'committed', 'cam-0': 'waiting' });
    expect(early.now).toMatchObject({ phase: 'staged', held: true });
    fleet.say({ type: 'resume' });
    fleet.until(() => fleet.state === 'soaking');
    expect(fleet.count('committed')).toBe(5);
  });

  it('comes by itself when a phase takes too long', () => {
    const spec = { ...phases({ percent: 100, concurrency: 1 }), deadlines: { phase: 2 * hour, device: hour } };
    const fleet = started(fleetOf(10, 'hangs'), { ...spec, deadlines: { ...spec.deadlines, step: 50 * minute } });
    fleet.until(() => fleet.state.startsWith('paused'), minute);
    expect([fleet.state, fleet.now]).toEqual(['paused deadline', 2 * hour]);
  });
});

describe('a maintenance window', () => {
  const nights = { schedule: { windows: [{ from: '22:00', to: '04:00', timeZone: 'UTC' }] } };

  it('is when devices switch; they fetch before, and no time runs', () => {
    const fleet = new FakeFleet(fleetOf(3), { ...phases({ percent: 100, concurrency: 2 }), ...nights });
    fleet.now = 12 * hour;
    fleet.say({ type: 'start' });
    fleet.look();
    fleet.tick(1000, 20);
    expect([...fleet.devices.values()].map(({ now }) => [now.phase, now.held])).toEqual(Array(3).fill(['staged', true]));
    fleet.tick(hour, 9);
    expect(fleet.count('moving')).toBe(3);
    const waits = fleet.look() ?? 0;
    expect(fleet.now + waits).toBe(22 * hour);
    fleet.tick(waits);
    expect(fleet.count('moving')).toBe(3);
    fleet.until(() => fleet.state === 'soaking');
    expect([fleet.count('committed'), fleet.now < 22 * hour + minute]).toEqual([3, true]);
  });

  it('that closes holds who has not begun to switch', () => {
    const fleet = new FakeFleet([new FakeDevice('cam-0', { phase: 'downloading' })], { ...all, ...nights });
    fleet.now = 28 * hour - minute;
    fleet.say({ type: 'start' });
    fleet.tick(1000, 3);
    expect(fleet.device('cam-0').now.desiredHold).toBe(false);
    fleet.tick(minute);
    expect(fleet.device('cam-0').now.desiredHold).toBe(true);
  });
});

describe('a device that claims the last revision there is', () => {
  it('is never told: a number above that could not be read by anybody', () => {
    const liar = new FakeDevice('cam-0', 'ok', { seenRevision: Number.MAX_SAFE_INTEGER });
    const fleet = started([liar, new FakeDevice('cam-1')], all);
    fleet.until(() => fleet.state === 'completed', minute);
    expect([liar.now.desiredRevision, fleet.states()]).toEqual([0, { 'cam-0': 'skipped', 'cam-1': 'committed' }]);
    expect(fleet.stories).toContainEqual(expect.objectContaining({ kind: 'skipped', message: expect.stringContaining('last revision') }));
  });
});

describe('the way back', () => {
  it('gives each device its own previous variant, a bounded number at once', () => {
    const devices = Array.from({ length: 12 }, (_, index) => new FakeDevice(`cam-${index}`, 'ok', { serving: oldVariant(`${index % 3}`) }));
    const fleet = started(devices, { ...all, rollback: { concurrency: 4 } });
    fleet.until(() => fleet.state === 'soaking');
    fleet.say({ type: 'roll_back' });
    fleet.look();
    let most = fleet.count('returning');
    fleet.until(() => {
      most = Math.max(most, fleet.count('returning'));
      return fleet.state === 'rolled_back';
    });
    expect(most).toBe(4);
    expect(devices.map(({ now }) => now.serving)).toEqual(devices.map((_, index) => oldVariant(`${index % 3}`)));
  });

  it.each(['downloading', 'shadowing', 'probation'] as const)('settles a device that is told so in %s', (phase) => {
    for (const type of ['abort', 'roll_back'] as const) {
      const device = new FakeDevice('cam-0', { phase });
      const fleet = started([device, ...fleetOf(3).slice(1)], phases({ percent: 100, concurrency: 1 }));
      fleet.until(() => device.now.phase === phase);
      fleet.say({ type });
      fleet.tick(250, 2);
      expect(device.now).toMatchObject({ phase: 'committed', serving: oldVariant('a') });
      expect(fleet.states()).toEqual({ 'cam-0': 'returned', 'cam-1': 'skipped', 'cam-2': 'skipped' });
      expect(fleet.state).toBe(type === 'abort' ? 'aborted' : 'rolled_back');
    }
  });

  it('of a device that claims the last revision there is fails there, and holds up nobody else', () => {
    const fleet = started(fleetOf(2), all);
    fleet.until(() => fleet.state === 'soaking');
    fleet.device('cam-0').set({ seenRevision: Number.MAX_SAFE_INTEGER });
    const { desiredRevision } = fleet.device('cam-0').now;
    fleet.say({ type: 'roll_back' });
    fleet.until(() => fleet.state.startsWith('paused'));
    expect([fleet.state, fleet.states()]).toEqual(['paused rollback_failed', { 'cam-0': 'return_failed', 'cam-1': 'returned' }]);
    expect(fleet.device('cam-0').now.desiredRevision).toBe(desiredRevision);
  });

  it('that itself fails pauses, and is not tried for ever; a word tries it again', () => {
    const fleet = started(fleetOf(2), { ...all, deadlines: { device: hour } });
    fleet.until(() => fleet.state === 'soaking');
    const stuck = fleet.device('cam-0');
    stuck.live = () => undefined;
    fleet.say({ type: 'roll_back' });
    fleet.until(() => fleet.state.startsWith('paused'), minute);
    expect([fleet.state, fleet.states()]).toEqual(['paused rollback_failed', { 'cam-0': 'return_failed', 'cam-1': 'returned' }]);
    const { desiredRevision } = stuck.now;
    fleet.tick(hour, 5);
    expect(stuck.now.desiredRevision).toBe(desiredRevision);
    stuck.live = FakeDevice.prototype.live;
    fleet.say({ type: 'retry' });
    fleet.until(() => fleet.state === 'rolled_back');
    expect(stuck.now.serving).toBe(oldVariant('a'));
  });

  it('is not held up by a device that is away; it goes back when it returns', () => {
    const fleet = started(fleetOf(2), all);
    fleet.until(() => fleet.state === 'soaking');
    const away = fleet.device('cam-0');
    away.set({ online: false });
    fleet.say({ type: 'roll_back' });
    fleet.until(() => fleet.state === 'rolled_back', minute);
    expect(fleet.states()).toEqual({ 'cam-0': 'timed_out', 'cam-1': 'returned' });
    away.set({ online: true });
    fleet.tick(1000, 10);
    expect([fleet.states()['cam-0'], away.now.serving]).toEqual(['returned', oldVariant('a')]);
  });

  it('also takes the intent off devices on which the variant had failed', () => {
    const fleet = started([new FakeDevice('cam-0', 'shadow_slow'), ...fleetOf(2).slice(1)], { ...all, gates: { failuresAllowed: 1 } });
    fleet.until(() => fleet.state === 'soaking');
    expect(fleet.device('cam-0').now.desiredId).toBe(newVariant);
    fleet.say({ type: 'roll_back' });
    fleet.until(() => fleet.state === 'rolled_back');
    expect(fleet.device('cam-0').now.desiredId).toBe(oldVariant('a'));
  });
});

it('a hub that begins anew at every step, from what is written down, comes to the same end', () => {
  const devices = [...fleetOf(6), new FakeDevice('slow', 'rolled_back'), new FakeDevice('dark', 'ok', { online: false })];
  const fleet = started(
    devices,
    { ...phases({ count: 2 }, { percent: 100, concurrency: 2 }), gates: { failuresAllowed: 1 } },
    [0, 0, 1, 1, 1, 1, 1, 1],
  );
  fleet.until(() => {
    // What a process keeps in memory is gone; only plain data stays.
    fleet.snapshot = JSON.parse(JSON.stringify(fleet.snapshot));
    return fleet.state === 'completed';
  }, 5000);
  expect(fleet.states()).toMatchObject({ 'cam-5': 'committed', slow: 'rolled_back', dark: 'timed_out' });
});
