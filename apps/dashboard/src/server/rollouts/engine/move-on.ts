/** @file Where the rollout itself goes: from phase to soak to gates to the next phase, or off the way. */
import type { Draft, Entry } from './draft.ts';
import { failedByVariant } from './failures.ts';
import type { GateWord } from './snapshot.ts';

/** The gates are sound however often they are looked at; more often than this tells nobody anything. */
const judgeEveryMs = 15_000;

export function moveOn(draft: Draft, word: GateWord | undefined): void {
  if (draft.progress.state === 'scheduled') startInTime(draft);
  draft.apply({ type: 'settled' });
  if (!isWatched(draft) || stopForFailures(draft) || stopForGates(draft, word)) return;
  askGates(draft, word);
  if (draft.progress.state === 'soaking') endSoak(draft);
  else if (draft.progress.state === 'evaluating') evaluate(draft, word);
}

/** Whether the new variant answers frames there, by this rollout. */
export function servesNew({ state, track }: Pick<Entry, 'state' | 'track'>): boolean {
  return track.switchedAt !== null && (state === 'moving' || state === 'committed' || state === 'timed_out');
}

function isWatched({ progress }: Draft): boolean {
  return ['running', 'soaking', 'evaluating', 'awaiting_approval'].includes(progress.state);
}

function startInTime(draft: Draft): void {
  const { notBefore = draft.now } = draft.terms;
  if (notBefore <= draft.now) draft.apply({ type: 'start' });
  else draft.wake(notBefore);
}

/** Told once, when there is one more: an operator who goes on all the same is not stopped by those that he has seen. */
function stopForFailures(draft: Draft): boolean {
  const failed = draft.entries().filter(failedByVariant);
  if (failed.length <= draft.terms.failuresAllowed || !failed.some(({ track }) => track.stateAt === draft.now)) return false;
  const names = failed
    .slice(0, 3)
    .map(({ id }) => id)
    .join(', ');
  const more = failed.length > 3 ? ` and ${failed.length - 3} more` : '';
  const allowed = draft.terms.failuresAllowed === 0 ? 'none is allowed' : `${draft.terms.failuresAllowed} may`;
  const message = `The variant failed on ${names}${more}: ${allowed}`;
  draft.tell({ kind: 'failures_exceeded', level: 'error', message, data: { failed: failed.length, allowed: draft.terms.failuresAllowed } });
  return draft.apply({ type: 'failures_exceeded', phase: draft.progress.phase });
}

function stopForGates(draft: Draft, word: GateWord | undefined): boolean {
  if (word?.outcome !== 'fail') return false;
  draft.tell({ kind: 'gate_failed', level: 'error', message: word.why });
  return draft.apply({ type: 'gate_failed', phase: draft.progress.phase });
}

function askGates(draft: Draft, word: GateWord | undefined): void {
  if (!draft.entries().some(servesNew)) return;
  if (word !== undefined) draft.setTimes({ judgeAt: draft.now + judgeEveryMs });
  const { judgeAt } = draft.times;
  draft.judge = judgeAt === null || judgeAt <= draft.now;
  draft.wake(judgeAt ?? draft.now);
}

function endSoak(draft: Draft): void {
  const { phase } = draft.progress;
  const until = (draft.times.soakAt ?? draft.now) + (draft.terms.phases[phase]?.soak ?? 0);
  if (until <= draft.now) {
    draft.apply({ type: 'soaked', phase });
    draft.wake(draft.now);
  } else draft.wake(until);
}

function evaluate(draft: Draft, word: GateWord | undefined): void {
  const { phase } = draft.progress;
  // Nobody was given anything, or only such as an operator gave something else since: there is nothing to judge.
  const untouched = draft.entries().every(({ state, track }) => track.toldAt === null || state === 'superseded');
  if (word?.outcome === 'pass' || untouched) {
    draft.apply({ type: 'gate_passed', phase });
    draft.wake(draft.now);
  } else if (!draft.judge) waitForGates(draft, word);
}

function waitForGates(draft: Draft, word: GateWord | undefined): void {
  const until = draft.times.stateAt + draft.terms.inconclusiveWait;
  if (until > draft.now) {
    draft.wake(until);
    return;
  }
  const why = word?.why ?? 'No device serves the new variant';
  draft.tell({ kind: 'gate_inconclusive', level: 'warning', message: why });
  draft.apply({ type: 'pause', reason: 'gate_inconclusive' });
}
