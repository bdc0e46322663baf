/** @file The update machine holds its promises on every path, not only on the paths somebody thought of. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  initialUpdateState,
  isProven,
  isResting,
  reduce,
  resumeUpdateState,
  type UpdateEvent,
  type UpdateEventType,
  type UpdatePhase,
  type UpdatePolicy,
  type UpdateState,
  updatePhases,
  updateTransitions,
} from './update-machine.ts';

const digests = ['a', 'b', 'c'].map((digit) => digit.repeat(64));
const error = { code: 'internal', message: 'it broke' } as const;
const policy: UpdatePolicy = { shadowFrames: 2, probationFrames: 3 };

const anyPolicy = fc.record({ shadowFrames: fc.nat(4), probationFrames: fc.nat(4), awaitsHub: fc.boolean() });
const anyDigest = fc.constantFrom(...digests);
const anyWork: fc.Arbitrary<UpdateEvent> = fc.oneof(
  fc.record({ type: fc.constant('progress' as const), percent: fc.double({ min: -10, max: 110, noNaN: true }) }),
  fc.constantFrom<UpdateEvent>(
    { type: 'downloaded' },
    { type: 'verified' },
    { type: 'warmup_started' },
    { type: 'warmed' },
    { type: 'frame' },
    { type: 'shadowed' },
    { type: 'switched' },
    { type: 'acknowledged' },
    { type: 'failed', code: 'refused', error },
    { type: 'failed', code: 'failed_no_change', error },
    { type: 'reverted', error },
    { type: 'revert_failed', error },
    { type: 'retry' },
  ),
);
const anyDesired: fc.Arbitrary<UpdateEvent> = fc.record(
  {
    type: fc.constant('desired' as const),
    revision: fc.integer({ min: 1, max: 20 }),
    sha256: anyDigest,
    refused: fc.constant({ code: 'quarantined', message: 'it failed here' } as const),
  },
  { requiredKeys: ['type', 'revision', 'sha256'] },
);
const anyEvent = fc.oneof({ weight: 5, arbitrary: anyWork }, { weight: 1, arbitrary: anyDesired });

/** Which of the current phase's events comes next; a history of random events alone would hardly ever get past the first phases. */
const anyStep = fc.oneof({ weight: 8, arbitrary: fc.nat(1000) }, { weight: 1, arbitrary: anyEvent });

/** A state that some history of events really leads to. */
const anyState = fc
  .tuple(fc.option(anyDigest, { nil: undefined }), anyPolicy, fc.array(anyStep, { maxLength: 40, size: 'max' }))
  .map(([committed, rules, steps]) => ({
    rules,
    state: steps.reduce<UpdateState>(
      (state, step) => reduce(state, typeof step === 'number' ? nextEvent(state, step) : step, rules),
      initialUpdateState(committed),
    ),
  }));

const path = (...events: UpdateEvent[]): UpdateEvent[] => [{ type: 'desired', revision: 1, sha256: digests[1]! }, ...events];
const toSwitch = path({ type: 'downloaded' }, { type: 'verified' }, { type: 'warmup_started' }, { type: 'warmed' });
const run = (events: UpdateEvent[], rules: UpdatePolicy = policy, from: UpdateState = initialUpdateState(digests[0])): UpdateState =>
  events.reduce((state, event) => reduce(state, event, rules), from);
const toService: UpdateEvent[] = [...toSwitch, { type: 'frame' }, { type: 'frame' }, { type: 'shadowed' }, { type: 'switched' }];
const repeat = (event: UpdateEvent, times: number): UpdateEvent[] => Array.from({ length: times }, () => event);

describe('an update that goes well', () => {
  it('walks every phase in order and commits', () => {
    const seen: UpdatePhase[] = [];
    let state = initialUpdateState(digests[0]);
    for (const event of [...toService, ...repeat({ type: 'frame' }, 3)]) {
      state = reduce(state, event, policy);
      if (state.phase !== seen.at(-1)) seen.push(state.phase);
    }
    expect(seen).toEqual(['downloading', 'verifying', 'staged', 'warming', 'shadowing', 'switching', 'probation', 'committed']);
    expect(state).toEqual({
      phase: 'committed',
      revision: 1,
      frames: 0,
      committed: digests[1],
      target: digests[1],
      outcome: { code: 'ok' },
    });
  });

  it('goes from shadowing on only at its end, however many frames were answered', () => {
    const shadowing = run([...toSwitch, ...repeat({ type: 'frame' }, 9)]);
    expect(shadowing).toMatchObject({ phase: 'shadowing', frames: 2 });
    expect(run([{ type: 'shadowed' }], policy, shadowing).phase).toBe('switching');
  });

  it("commits at the hub's word, which counts only after the last good frame", () => {
    const rules = { ...policy, awaitsHub: true };
    const early = run([...toService, { type: 'frame' }, { type: 'acknowledged' }], rules);
    expect(early).toMatchObject({ phase: 'probation', frames: 1 });
    expect(isProven(early, rules)).toBe(false);
    const proven = run(repeat({ type: 'frame' }, 5), rules, early);
    expect(proven).toMatchObject({ phase: 'probation', frames: 3, committed: digests[0] });
    expect(isProven(proven, rules)).toBe(true);
    expect(run([{ type: 'acknowledged' }], rules, proven)).toMatchObject({ phase: 'committed', committed: digests[1] });
    expect(run([{ type: 'reverted', error }], rules, proven)).toMatchObject({ phase: 'rolled_back', committed: digests[0] });
  });

  it("waits for the hub's word even where the policy asks for no frame", () => {
    const rules = { shadowFrames: 0, probationFrames: 0, awaitsHub: true };
    const switched = run([...toSwitch, { type: 'switched' }], rules);
    expect(switched.phase).toBe('probation');
    expect(isProven(switched, rules)).toBe(true);
    expect(run([{ type: 'acknowledged' }], rules, switched).phase).toBe('committed');
  });

  it('skips shadowing and probation where the policy asks for none', () => {
    const none = { shadowFrames: 0, probationFrames: 0 };
    expect(run(toSwitch, none).phase).toBe('switching');
    expect(run([...toSwitch, { type: 'switched' }], none)).toMatchObject({ phase: 'committed', committed: digests[1] });
  });

  it('is over at once where the wanted variant already serves', () => {
    expect(run([{ type: 'desired', revision: 4, sha256: digests[0]! }])).toMatchObject({
      phase: 'committed',
      revision: 4,
      outcome: { code: 'ok' },
    });
  });

  it('tells whole percents that never fall', () => {
    const state = run([...path({ type: 'progress', percent: 41.7 }), { type: 'progress', percent: 12 }]);
    expect(state.progress).toBe(41);
    expect(run([{ type: 'downloaded' }], policy, state).progress).toBeUndefined();
  });
});

describe('an update that goes wrong', () => {
  const inProbation = run(toService);

  it('keeps the error and the committed variant, whichever way it ends', () => {
    const ends: [UpdateState, UpdateEvent, UpdatePhase, string][] = [
      [run(path()), { type: 'failed', code: 'failed_no_change', error }, 'failed', 'failed_no_change'],
      [run(path()), { type: 'failed', code: 'refused', error }, 'failed', 'refused'],
      [inProbation, { type: 'reverted', error }, 'rolled_back', 'rolled_back'],
      [inProbation, { type: 'revert_failed', error }, 'failed', 'unable_to_roll_back'],
    ];
    for (const [state, event, phase, code] of ends) {
      expect(reduce(state, event, policy)).toMatchObject({ phase, committed: digests[0], outcome: { code, error } });
    }
  });

  it('is retried only where a retry may help', () => {
    const failed = (code: 'refused' | 'failed_no_change') => run([...path({ type: 'failed', code, error }), { type: 'retry' }]).phase;
    expect(failed('failed_no_change')).toBe('downloading');
    expect(failed('refused')).toBe('failed');
  });

  it('is refused without an attempt where the variant is quarantined, and the next one is tried', () => {
    const refused = { code: 'quarantined', message: 'it failed here' } as const;
    const state = run([{ type: 'desired', revision: 5, sha256: digests[1]!, refused }]);
    expect(state).toMatchObject({ phase: 'failed', revision: 5, committed: digests[0], outcome: { code: 'refused', error: refused } });
    expect(run([{ type: 'retry' }], policy, state)).toBe(state);
    expect(run([{ type: 'desired', revision: 6, sha256: digests[1]! }], policy, state).phase).toBe('downloading');
    // What serves already needs no attempt.
    expect(run([{ type: 'desired', revision: 5, sha256: digests[0]!, refused }]).phase).toBe('committed');
  });

  it('cannot fail without change once the new variant serves', () => {
    expect(reduce(inProbation, { type: 'failed', code: 'refused', error }, policy)).toBe(inProbation);
  });
});

describe('after a restart', () => {
  const kept = { revision: 3, committed: digests[0]!, target: digests[1]! };
  const same: UpdateEvent = { type: 'desired', revision: 3, sha256: digests[1]! };

  it('takes up an unfinished or retryable update again when the same desired state comes', () => {
    expect(reduce(resumeUpdateState(kept), same, policy).phase).toBe('downloading');
    expect(reduce(resumeUpdateState({ ...kept, outcome: { code: 'failed_no_change', error } }), same, policy).phase).toBe('downloading');
  });

  it('leaves a finished one alone', () => {
    const finished: [Partial<UpdateState>, UpdatePhase][] = [
      [{ committed: digests[1]!, outcome: { code: 'ok' } }, 'committed'],
      [{ outcome: { code: 'refused', error } }, 'failed'],
      [{ outcome: { code: 'rolled_back', error } }, 'rolled_back'],
      [{ outcome: { code: 'unable_to_roll_back', error } }, 'failed'],
    ];
    for (const [more, phase] of finished) {
      const resumed = resumeUpdateState({ ...kept, ...more });
      expect(resumed.phase).toBe(phase);
      expect(reduce(resumed, same, policy)).toBe(resumed);
    }
  });
});

describe('on every path', () => {
  it('moves only along the table', () => {
    fc.assert(
      fc.property(anyState, anyWork, ({ state, rules }, event) => {
        const next = reduce(state, event, rules);
        const row: Partial<Record<UpdateEventType, readonly UpdatePhase[]>> = updateTransitions[state.phase];
        const allowed = row[event.type];
        if (allowed === undefined) expect(next).toBe(state);
        else if (next !== state) expect(allowed).toContain(next.phase);
      }),
      { numRuns: 2000 },
    );
  });

  it('comes to rest from every phase, whatever the table lets happen next', () => {
    const reached = new Set<UpdatePhase>();
    fc.assert(
      fc.property(anyState, fc.infiniteStream(fc.nat(1000)), ({ state, rules }, choices) => {
        reached.add(state.phase);
        let current = state;
        // A hundred percents of progress, a handful of frames, eight phases: 150 steps are more than any run can take.
        for (let step = 0; step < 150 && !isResting(current.phase); step += 1) {
          current = reduce(current, nextEvent(current, choices.next().value as number), rules);
        }
        expect(['idle', 'committed', 'rolled_back', 'failed']).toContain(current.phase);
      }),
      { numRuns: 3000 },
    );
    expect([...reached].sort()).toEqual([...updatePhases].sort());
  });

  it('lets a newer desired state replace whatever runs', () => {
    fc.assert(
      fc.property(anyState, anyDigest, fc.integer({ min: 1, max: 5 }), ({ state, rules }, sha256, more) => {
        const revision = state.revision + more;
        const next = reduce(state, { type: 'desired', revision, sha256 }, rules);
        expect(next).toMatchObject({ revision, target: sha256 });
        if (sha256 === state.committed) expect(next).toMatchObject({ phase: 'committed', outcome: { code: 'ok' } });
        else if (sha256 === state.target && !isResting(state.phase)) expect(next.phase).toBe(state.phase);
        else expect(next).toMatchObject({ phase: 'downloading', frames: 0 });
      }),
      { numRuns: 2000 },
    );
  });

  it('never follows an older desired state', () => {
    fc.assert(
      fc.property(anyState, anyDigest, fc.integer({ min: 0, max: 5 }), ({ state, rules }, sha256, less) => {
        const revision = state.revision - less;
        fc.pre(revision > 0 && !(less === 0 && state.phase === 'idle'));
        expect(reduce(state, { type: 'desired', revision, sha256 }, rules)).toBe(state);
      }),
      { numRuns: 2000 },
    );
  });

  it('changes the committed variant only to the target, only by committing', () => {
    fc.assert(
      fc.property(anyState, anyEvent, ({ state, rules }, event) => {
        const next = reduce(state, event, rules);
        if (next.committed !== state.committed)
          expect(next).toMatchObject({ phase: 'committed', committed: next.target, outcome: { code: 'ok' } });
      }),
      { numRuns: 2000 },
    );
  });

  it('gives an error with every end that is not ok', () => {
    fc.assert(
      fc.property(anyState, ({ state }) => {
        if (state.outcome !== undefined) expect(state.outcome.error === undefined).toBe(state.outcome.code === 'ok');
      }),
      { numRuns: 1000 },
    );
  });
});

/**
 * One of the events that the table lists for this phase, picked by `choice`; where it lists none, a new desired state.
 * Going on is four times as likely as failing, so that the late phases are seen often.
 */
function nextEvent(state: UpdateState, choice: number): UpdateEvent {
  const types = (Object.keys(updateTransitions[state.phase]) as UpdateEventType[]).flatMap((type) =>
    ['failed', 'reverted', 'revert_failed', 'progress'].includes(type) ? [type] : [type, type, type, type],
  );
  const type = types[choice % types.length];
  switch (type) {
    case undefined:
    case 'desired':
      return { type: 'desired', revision: state.revision + 1, sha256: digests[choice % digests.length]! };
    case 'progress':
      return { type, percent: (state.progress ?? 0) + 1 };
    case 'failed':
      return { type, code: choice % 3 === 0 ? 'refused' : 'failed_no_change', error };
    case 'reverted':
    case 'revert_failed':
      return { type, error };
    default:
      return { type };
  }
}
