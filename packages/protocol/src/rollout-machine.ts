/**
 * @file The rollout machine: a pure, total reduce over one rollout and its devices, along the tables of rollout-states.ts.
 * Its state is a plain object: the hub writes it down, and one that was killed reads it and goes on.
 */
import type { DeviceId, Sha256 } from './ids.ts';
import {
  openDeviceStates,
  type PauseReason,
  type RolloutDeviceEventType,
  type RolloutDeviceState,
  type RolloutState,
  rolloutDeviceStates,
  rolloutDeviceTransitions,
  rolloutTransitions,
} from './rollout-states.ts';

export type RolloutDevice = {
  readonly state: RolloutDeviceState;
  /** The phase in which its turn comes, from 0. */
  readonly phase: number;
  /** What it is to get. */
  readonly variant: Sha256;
  /** What served when it was first told: its own way back, whatever happens later. */
  readonly previous?: Sha256;
  /** The new variant was committed here, so that going back is a switch of what serves; the bound of a rollback counts these. */
  readonly served?: true;
};

/** Where a pause goes back to. */
export type ResumableState = Extract<
  RolloutState,
  'scheduled' | 'running' | 'soaking' | 'evaluating' | 'awaiting_approval' | 'rolling_back'
>;

export type RolloutProgress = {
  readonly state: RolloutState;
  /** The phase under way, from 0. */
  readonly phase: number;
  /** While paused: why, and where from. */
  readonly reason?: PauseReason;
  readonly pausedFrom?: ResumableState;
  readonly devices: Readonly<Record<DeviceId, RolloutDevice>>;
};

/** What the machine needs to know of a rollout's spec. */
export type RolloutRules = {
  /** How each phase is left. There is at least one. */
  readonly advance: readonly ('automatic' | 'approval')[];
  readonly onFail: 'pause' | 'abort' | 'roll_back';
  /** Devices on which the new variant served that go back at once. */
  readonly returnsAtOnce: number;
};

/** Events that name a phase count in that phase only, so that a second click or a late word does not move the next one. */
export type RolloutEvent =
  | { readonly type: 'schedule' | 'start' | 'settled' | 'resume' | 'abort' | 'roll_back' }
  | { readonly type: 'soaked' | 'gate_passed' | 'gate_failed' | 'failures_exceeded' | 'approve' | 'skip'; readonly phase: number }
  | { readonly type: 'pause'; readonly reason: Exclude<PauseReason, 'rollback_failed'> }
  /** Without a device: all that failed. */
  | { readonly type: 'retry'; readonly device?: DeviceId }
  | { readonly type: 'joined'; readonly device: DeviceId; readonly variant: Sha256; readonly phase: number }
  /** `previous`: absent where nothing is known to serve there. */
  | { readonly type: 'told'; readonly device: DeviceId; readonly previous?: Sha256 }
  | { readonly type: PlainDeviceEvent; readonly device: DeviceId };

type PlainDeviceEvent = Exclude<RolloutDeviceEventType, 'joined' | 'told' | 'retry' | 'abort' | 'roll_back'>;

/** @param devices the target set: who gets what, in which phase */
export function initialRollout(devices: Readonly<Record<DeviceId, Pick<RolloutDevice, 'variant' | 'phase'>>>): RolloutProgress {
  const waiting = Object.entries(devices).map(([id, { variant, phase }]) => [id, { state: 'waiting', variant, phase }] as const);
  return { state: 'draft', phase: 0, devices: Object.fromEntries(waiting) };
}

/** How many devices are in each state. Sums to the target set. */
export function countDevices(devices: RolloutProgress['devices']): Record<RolloutDeviceState, number> {
  const counts = Object.fromEntries(Object.keys(rolloutDeviceStates).map((state) => [state, 0])) as Record<RolloutDeviceState, number>;
  for (const { state } of Object.values(devices)) counts[state] += 1;
  return counts;
}

/** Whether the phase under way still waits for this device. */
export function isOpen({ state, phase }: RolloutDevice, current: number): boolean {
  return phase <= current && (openDeviceStates as readonly RolloutDeviceState[]).includes(state);
}

/** Whether devices are on their way back, or stay there, rather than going forward. */
export function goesBack({ state, pausedFrom }: Pick<RolloutProgress, 'state' | 'pausedFrom'>): boolean {
  return (
    state === 'rolling_back' || state === 'rolled_back' || state === 'aborted' || (state === 'paused' && pausedFrom === 'rolling_back')
  );
}

/**
 * The next state. Total: every event is answered in every state. One that does not apply gives back the very same object, and so
 * does every device that an event does not change, so that who persists it writes what differs.
 */
export function reduceRollout(progress: RolloutProgress, event: RolloutEvent, rules: RolloutRules): RolloutProgress {
  switch (event.type) {
    case 'joined':
      return join(progress, event, rules);
    case 'retry':
      return retry(progress, event.device);
    case 'schedule':
    case 'start':
    case 'settled':
    case 'resume':
    case 'abort':
    case 'roll_back':
    case 'soaked':
    case 'gate_passed':
    case 'gate_failed':
    case 'failures_exceeded':
    case 'approve':
    case 'skip':
    case 'pause':
      return Object.hasOwn(rolloutTransitions[progress.state], event.type) ? moveRollout(progress, event, rules) : progress;
    default:
      return moveDevice(progress, event, rules);
  }
}

type RolloutOnlyEvent = Exclude<RolloutEvent, { device: DeviceId } | { type: 'retry' }>;

function moveRollout(progress: RolloutProgress, event: RolloutOnlyEvent, rules: RolloutRules): RolloutProgress {
  if ('phase' in event && event.phase !== progress.phase) return progress;
  switch (event.type) {
    case 'schedule':
      return enter(progress, 'scheduled');
    case 'start':
    case 'approve':
      return event.type === 'start' ? enter(progress, 'running') : advance(progress, rules);
    case 'settled':
      return progress.state === 'rolling_back' ? endReturn(progress) : endPhase(progress);
    case 'soaked':
      return enter(progress, 'evaluating');
    case 'gate_passed':
      return isLast(progress, rules) || rules.advance[progress.phase] === 'automatic'
        ? advance(progress, rules)
        : enter(progress, 'awaiting_approval');
    case 'gate_failed':
    case 'failures_exceeded':
      return stop(progress, event.type, rules);
    case 'skip':
      return progress.state === 'paused' && !skippableWhenPaused(progress.pausedFrom) ? progress : advance(progress, rules);
    case 'pause':
      return pause(progress, event.reason);
    case 'resume':
      return enter(progress, progress.pausedFrom ?? 'running');
    case 'abort':
      return enter(moveAll(progress, 'abort'), 'aborted');
    case 'roll_back':
      return enter(moveAll(progress, 'roll_back'), 'rolling_back');
  }
}

function skippableWhenPaused(from: ResumableState | undefined): boolean {
  return from === 'soaking' || from === 'evaluating' || from === 'awaiting_approval';
}

function isLast({ phase }: RolloutProgress, { advance: phases }: RolloutRules): boolean {
  return phase >= phases.length - 1;
}

/** To the next phase; after the last one to the end, unless a device that came late is still to have its turn. */
function advance(progress: RolloutProgress, rules: RolloutRules): RolloutProgress {
  if (!isLast(progress, rules)) return { ...enter(progress, 'running'), phase: progress.phase + 1 };
  return enter(progress, hasOpen(progress) ? 'running' : 'completed');
}

function hasOpen({ devices, phase }: RolloutProgress): boolean {
  return Object.values(devices).some((device) => isOpen(device, phase));
}

function endPhase(progress: RolloutProgress): RolloutProgress {
  return hasOpen(progress) ? progress : enter(progress, 'soaking');
}

/** A device that was given nothing by this rollout, or does not answer, holds no way back up; one that says no does. */
function endReturn(progress: RolloutProgress): RolloutProgress {
  const states = new Set(Object.values(progress.devices).map(({ state }) => state));
  if (states.has('committed') || states.has('returning')) return progress;
  return states.has('return_failed') ? pause(progress, 'rollback_failed') : enter(progress, 'rolled_back');
}

function stop(progress: RolloutProgress, reason: 'gate_failed' | 'failures_exceeded', { onFail }: RolloutRules): RolloutProgress {
  if (onFail === 'pause') return pause(progress, reason);
  return onFail === 'abort' ? enter(moveAll(progress, 'abort'), 'aborted') : enter(moveAll(progress, 'roll_back'), 'rolling_back');
}

function pause(progress: RolloutProgress, reason: PauseReason): RolloutProgress {
  return { ...enter(progress, 'paused'), reason, pausedFrom: progress.state as ResumableState };
}

function enter({ reason: _, pausedFrom: __, ...progress }: RolloutProgress, state: RolloutState): RolloutProgress {
  return { ...progress, state };
}

/** States of a rollout in which a device may still join it: it has begun or is about to, and goes forward. */
function takesDevices(progress: RolloutProgress): boolean {
  return !goesBack(progress) && progress.state !== 'completed';
}

function join(progress: RolloutProgress, event: Extract<RolloutEvent, { type: 'joined' }>, rules: RolloutRules): RolloutProgress {
  const { device: id, variant } = event;
  if (!takesDevices(progress) || Object.hasOwn(progress.devices, id)) return progress;
  const phase = Math.min(Math.max(event.phase, 0), rules.advance.length - 1);
  return withDevice(progress, id, { state: 'waiting', variant, phase });
}

/** What failed waits for its turn again, and the rollout comes back to the phase in which turns are given. */
function retry(progress: RolloutProgress, only: DeviceId | undefined): RolloutProgress {
  if (!Object.hasOwn(rolloutTransitions[progress.state], 'retry')) return progress;
  const back = goesBack(progress);
  const changed = Object.entries(progress.devices).flatMap(([id, device]): [DeviceId, RolloutDevice][] => {
    if ((only !== undefined && id !== only) || !hears(device, 'retry') || (device.state === 'return_failed') !== back) return [];
    const next: RolloutDevice = back ? giveBackAgain(device) : { ...device, state: 'waiting' };
    return next.state === device.state ? [] : [[id, next]];
  });
  if (changed.length === 0) return progress;
  const next = { ...progress, devices: { ...progress.devices, ...Object.fromEntries(changed) } };
  if (next.state === 'paused') return back ? enter(next, 'rolling_back') : { ...next, pausedFrom: 'running' };
  return enter(next, back ? 'rolling_back' : 'running');
}

type DeviceWord = Extract<RolloutEvent, { type: 'told' | PlainDeviceEvent }>;

function moveDevice(progress: RolloutProgress, word: DeviceWord, rules: RolloutRules): RolloutProgress {
  if (!Object.hasOwn(progress.devices, word.device)) return progress;
  const device = progress.devices[word.device];
  if (device === undefined || !hears(device, word.type) || !fits(progress, device, word.type, rules)) return progress;
  return withDevice(progress, word.device, nextDevice(device, word));
}

function hears({ state }: RolloutDevice, event: RolloutDeviceEventType): boolean {
  return Object.hasOwn(rolloutDeviceTransitions[state], event);
}

/** Whether the rollout is where this word of a device counts. */
function fits(progress: RolloutProgress, device: RolloutDevice, word: DeviceWord['type'], rules: RolloutRules): boolean {
  switch (word) {
    case 'told':
      return progress.state === 'running' && device.phase <= progress.phase;
    case 'moved':
    case 'committed':
    case 'failed':
    case 'rolled_back':
      return !goesBack(progress);
    case 'returned':
      return goesBack(progress) && device.previous !== undefined;
    case 'return_failed':
      return goesBack(progress);
    case 'give_back':
      return progress.state === 'rolling_back' && returning(progress) < rules.returnsAtOnce;
    case 'timed_out':
    case 'skip_device':
    case 'superseded':
      return true;
  }
}

/** Devices that the bound of a rollback counts. */
function returning({ devices }: RolloutProgress): number {
  return Object.values(devices).filter(({ state, served }) => state === 'returning' && served === true).length;
}

function nextDevice(device: RolloutDevice, word: DeviceWord): RolloutDevice {
  switch (word.type) {
    case 'told':
      // A retry must not take the new variant for the way back.
      return { ...device, state: 'told', ...(device.previous === undefined && word.previous !== undefined && { previous: word.previous }) };
    case 'moved':
      return { ...device, state: 'moving' };
    case 'committed':
      return { ...device, state: 'committed', served: true };
    case 'give_back':
      return giveBack(device);
    case 'skip_device':
      return { ...device, state: 'skipped' };
    case 'failed':
    case 'rolled_back':
    case 'timed_out':
    case 'superseded':
    case 'returned':
    case 'return_failed':
      return { ...device, state: word.type };
  }
}

function giveBack(device: RolloutDevice): RolloutDevice {
  return { ...device, state: device.previous === undefined ? 'return_failed' : 'returning' };
}

/** Those whose way back is a switch of what serves are given back in turn, by `give_back`. */
function giveBackAgain(device: RolloutDevice): RolloutDevice {
  return device.served === true ? { ...device, state: 'committed' } : giveBack(device);
}

/** Called off: who waits is left out, who is on its way is given back what it had. */
function moveAll(progress: RolloutProgress, event: 'abort' | 'roll_back'): RolloutProgress {
  const devices = Object.entries(progress.devices).map(([id, device]) => [id, callOff(device, event)] as const);
  return { ...progress, devices: Object.fromEntries(devices) };
}

function callOff(device: RolloutDevice, event: 'abort' | 'roll_back'): RolloutDevice {
  if (!hears(device, event)) return device;
  if (device.state === 'waiting') return { ...device, state: 'skipped' };
  if (event === 'roll_back') return giveBackAgain(device);
  // Silent on its way back already: it has been told.
  return device.served === true ? device : giveBack(device);
}

function withDevice(progress: RolloutProgress, id: DeviceId, device: RolloutDevice): RolloutProgress {
  return { ...progress, devices: { ...progress.devices, [id]: device } };
}
