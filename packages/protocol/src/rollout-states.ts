/**
 * @file The rollout machine's published tables: states and events of a rollout and of a device in it, and which leads to which.
 * docs/protocol/rollout-machine.md is made from them; rollout-machine.ts moves along them.
 */

/** State → what it means. */
export const rolloutStates = {
  draft: 'Written down, not started. No device knows of it.',
  scheduled: 'Starts by itself at its time.',
  running: 'Devices of the phase are told, as many at once as the phase allows.',
  soaking: 'Every device of the phase has come to an end; the new variant serves and is watched.',
  evaluating: 'The soak time is over; the gates are judged until they can tell.',
  awaiting_approval: "The gates have passed; the next phase waits for an operator's word.",
  paused: 'Nothing further is told, and devices on their way hold before they switch. The reason says why.',
  rolling_back: 'Devices go back to the variants that they had, each to its own, a bounded number at once.',
  rolled_back: 'Every device that could be reached has its own previous variant again.',
  aborted: 'Stopped: what was on its way went back, what was committed stays.',
  completed: 'All phases are done.',
} as const satisfies Record<string, string>;
export type RolloutState = keyof typeof rolloutStates;

/** Nothing happens any more without an operator's word. */
export const endedRolloutStates = ['rolled_back', 'aborted', 'completed'] as const satisfies readonly RolloutState[];

/** Reason of a pause → what it means. */
export const pauseReasons = {
  operator: 'An operator has paused it.',
  gate_failed: 'A gate failed, and the rollout says to pause then.',
  failures_exceeded: 'More devices failed with the variant than the rollout allows, and it says to pause then.',
  gate_inconclusive: 'The gates could not tell within their time: too few frames, or silence.',
  deadline: 'The phase did not come to an end within its deadline.',
  rollback_failed: 'A device could not go back to its previous variant.',
} as const satisfies Record<string, string>;
export type PauseReason = keyof typeof pauseReasons;

/** Event of a rollout → what it means. */
export const rolloutEvents = {
  schedule: 'Operator: start at its time.',
  start: 'Operator, or its time has come.',
  settled: 'No device of this phase, or of the way back, is open any more.',
  soaked: 'The soak time of the named phase is over.',
  gate_passed: 'All gates of the named phase have passed.',
  gate_failed: 'A gate of the named phase has failed.',
  failures_exceeded: 'More devices failed with the variant than the rollout allows.',
  approve: 'Operator: go on from the named phase.',
  skip: 'Operator: do not wait for soak time and gates of the named phase.',
  pause: 'Operator, or the engine with its reason.',
  resume: 'Operator: go on where it was paused.',
  retry: 'Operator or engine: devices that failed are tried again; one, or all.',
  abort: 'Operator: stop; what is on its way goes back.',
  roll_back: 'Operator, or a gate: every device goes back to its own previous variant.',
} as const satisfies Record<string, string>;
export type RolloutEventType = keyof typeof rolloutEvents;

const stops = { gate_failed: ['paused', 'aborted', 'rolling_back'], failures_exceeded: ['paused', 'aborted', 'rolling_back'] } as const;
const commands = { pause: ['paused'], abort: ['aborted'], roll_back: ['rolling_back'] } as const;

/** State → event → the states to which it may lead. An event that a state does not list changes nothing there. */
export const rolloutTransitions = {
  draft: { schedule: ['scheduled'], start: ['running'], abort: ['aborted'] },
  scheduled: { start: ['running'], pause: ['paused'], abort: ['aborted'] },
  running: { settled: ['soaking'], retry: ['running'], ...stops, ...commands },
  soaking: { soaked: ['evaluating'], skip: ['running', 'completed'], retry: ['running'], ...stops, ...commands },
  evaluating: {
    gate_passed: ['running', 'awaiting_approval', 'completed'],
    skip: ['running', 'completed'],
    retry: ['running'],
    ...stops,
    ...commands,
  },
  awaiting_approval: { approve: ['running'], skip: ['running'], retry: ['running'], ...stops, ...commands },
  paused: {
    resume: ['scheduled', 'running', 'soaking', 'evaluating', 'awaiting_approval', 'rolling_back'],
    skip: ['running', 'completed'],
    retry: ['paused', 'rolling_back'],
    abort: ['aborted'],
    roll_back: ['rolling_back'],
  },
  rolling_back: { settled: ['rolled_back', 'paused'], retry: ['rolling_back'], pause: ['paused'], abort: ['aborted'] },
  rolled_back: {},
  aborted: { roll_back: ['rolling_back'] },
  completed: { retry: ['running'], roll_back: ['rolling_back'] },
} as const satisfies Record<RolloutState, { [E in RolloutEventType]?: readonly RolloutState[] }>;

/** State of a device in a rollout → what it means. */
export const rolloutDeviceStates = {
  waiting: 'Its turn has not come.',
  told: 'Its desired state names the new variant; it has not begun.',
  moving: 'It downloads, checks, warms, shadows, switches or proves the new variant.',
  committed: "The new variant has proven itself there, and has the hub's word.",
  failed: 'It did not take the new variant; the one before serves.',
  rolled_back: 'The new variant served badly; the device went back by itself.',
  timed_out: 'It did not come to an end within its deadline. It holds nobody up; a late word of it still counts.',
  skipped: 'Left out.',
  superseded: 'Another variant was given to it meanwhile, by hand or by another rollout.',
  returning: 'Its desired state names its own previous variant again.',
  returned: 'Its own previous variant serves again.',
  return_failed: 'It could not go back to its previous variant.',
} as const satisfies Record<string, string>;
export type RolloutDeviceState = keyof typeof rolloutDeviceStates;

/** The phase waits for devices in these states. */
export const openDeviceStates = ['waiting', 'told', 'moving'] as const satisfies readonly RolloutDeviceState[];

/** Event of a device in a rollout → what it means. */
export const rolloutDeviceEvents = {
  joined: 'It has come to the targets after the start. It waits for its turn as all others.',
  told: 'The desired state with the new variant was issued; with the variant that serves until now.',
  moved: 'It reports that it has begun.',
  committed: 'It reports the new variant as committed.',
  failed: 'It reports that it did not take the new variant.',
  rolled_back: 'It reports that it went back by itself.',
  timed_out: 'Its deadline has passed.',
  retry: 'It is to be tried again, forward or on its way back.',
  skip_device: 'Operator: leave it out.',
  superseded: 'Another variant was given to it.',
  give_back: 'Its turn on the way back has come.',
  returned: 'It reports its previous variant as committed.',
  return_failed: 'It reports that it did not take its previous variant.',
  abort: 'The rollout is aborted.',
  roll_back: 'The rollout rolls back.',
} as const satisfies Record<string, string>;
export type RolloutDeviceEventType = keyof typeof rolloutDeviceEvents;

const forward = { committed: ['committed'], failed: ['failed'], rolled_back: ['rolled_back'] } as const;
const leaves = { superseded: ['superseded'] } as const;
const dropped = { skip_device: ['skipped'], ...leaves } as const;
/** A device whose previous variant nobody knows cannot be given it back. */
const givenBack = ['returning', 'return_failed'] as const;
const backward = { abort: givenBack, roll_back: givenBack } as const;
/** One on which the new variant was committed waits for its turn on the way back, as `committed`, each time anew. */
const givenBackAgain = [...givenBack, 'committed'] as const;

export const rolloutDeviceTransitions = {
  waiting: { told: ['told'], ...dropped, abort: ['skipped'], roll_back: ['skipped'] },
  told: { moved: ['moving'], ...forward, timed_out: ['timed_out'], ...leaves, ...backward },
  moving: { ...forward, timed_out: ['timed_out'], ...leaves, ...backward },
  committed: { give_back: givenBack, ...leaves },
  failed: { moved: ['moving'], committed: ['committed'], rolled_back: ['rolled_back'], retry: ['waiting'], ...dropped },
  rolled_back: { retry: ['waiting'], ...dropped },
  timed_out: {
    moved: ['moving'],
    ...forward,
    retry: ['waiting'],
    returned: ['returned'],
    return_failed: ['return_failed'],
    ...dropped,
    abort: givenBack,
    roll_back: givenBackAgain,
  },
  skipped: {},
  superseded: {},
  returning: { returned: ['returned'], return_failed: ['return_failed'], timed_out: ['timed_out'], ...leaves },
  returned: {},
  return_failed: { returned: ['returned'], retry: givenBackAgain, roll_back: givenBackAgain, ...dropped },
} as const satisfies Record<RolloutDeviceState, { [E in RolloutDeviceEventType]?: readonly RolloutDeviceState[] }>;
