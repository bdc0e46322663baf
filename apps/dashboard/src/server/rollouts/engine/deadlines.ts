/** @file Who has had his time: of a step, of a device, of a phase. A silent device never holds up the others. Time counts while devices may switch. */
import { isOpen as isOpenDevice } from '@alpharho/protocol';
import { nextRevision } from '../next-revision.ts';
import { openMs } from '../windows.ts';
import type { Draft, Entry } from './draft.ts';
import { isTellable } from './turns.ts';

export function timeOut(draft: Draft): void {
  if (draft.progress.state === 'paused') return;
  for (const entry of draft.entries()) {
    if (entry.state === 'told' || entry.state === 'moving') timeOutForward(draft, entry);
    else if (entry.state === 'returning') timeOutBack(draft, entry);
    else if (entry.state === 'waiting' && draft.progress.state === 'running') passOver(draft, entry);
  }
  if (draft.progress.state === 'running') endPhaseInTime(draft);
}

function timeOutForward(draft: Draft, entry: Entry): void {
  const { id, now, track } = entry;
  const { device, step } = draft.terms.deadlines;
  // It waits for us, and as long as it is away it can make no step.
  const waits = now.held || !now.online || now.desiredHold;
  if (!waits && hasPassed(draft, track.stepAt, step, false)) end(draft, entry, `stands at "${track.step}" for longer than a step may take`);
  else if (!(now.held && now.online) && hasPassed(draft, track.clockAt, device, true)) {
    end(draft, entry, now.online ? 'did not come to an end within its time' : 'was not heard of within its time');
  }
  if (draft.entry(id)?.state === 'timed_out')
    draft.note(id, { failure: { code: 'device_timeout', message: 'out of time', at: draft.now } });
}

function end(draft: Draft, { id, now }: Entry, why: string): void {
  if (!draft.apply({ type: 'timed_out', device: id })) return;
  const later = now.online ? '' : '; it takes the variant when it is back';
  draft.note(id, { note: `${why}${later}` });
  draft.tell({ kind: 'timed_out', level: 'warning', message: `${id} ${why}${later}`, device: id });
}

/** One that cannot be told holds up nobody either: it never said what it serves, or something else runs on it without end. */
function passOver(draft: Draft, entry: Entry): void {
  const { id, phase, now, track } = entry;
  if (phase > draft.progress.phase || isTellable(entry)) return;
  const since = Math.max(draft.times.phaseAt ?? draft.now, track.stateAt);
  if (!hasPassed(draft, since, draft.terms.deadlines.device, true) || !draft.apply({ type: 'skip_device', device: id })) return;
  const note = whyNot(now);
  draft.note(id, { note });
  draft.tell({ kind: 'skipped', level: 'warning', message: `${id} was passed over: it ${note}`, device: id });
}

function whyNot(now: Entry['now']): string {
  if (nextRevision(now) === undefined) return 'claims to have seen the last revision there is';
  return now.serving === null ? 'never said what it serves' : 'was busy with another update all the time';
}

/** Who is there and does not go back is looked at by somebody; who is away goes back when it returns. */
function timeOutBack(draft: Draft, { id, now, track }: Entry): void {
  if (!hasPassed(draft, track.clockAt, draft.terms.deadlines.device, false)) return;
  if (!now.online) {
    if (draft.apply({ type: 'timed_out', device: id })) {
      draft.tell({ kind: 'timed_out', level: 'warning', message: `${id} is away; it goes back when it returns`, device: id });
    }
    return;
  }
  if (!draft.apply({ type: 'return_failed', device: id })) return;
  draft.note(id, { failure: now.failure ?? { code: 'device_timeout', message: 'out of time', at: draft.now } });
  draft.tell({ kind: 'return_failed', level: 'error', message: `${id} did not go back within its time`, device: id });
}

function endPhaseInTime(draft: Draft): void {
  const { phaseAt, pausedMs } = draft.times;
  const waiting = Object.values(draft.progress.devices).some((device) => isOpenDevice(device, draft.progress.phase));
  if (phaseAt === null || !waiting) return;
  if (hasPassed(draft, phaseAt + pausedMs, draft.terms.deadlines.phase, true)) draft.apply({ type: 'pause', reason: 'deadline' });
}

/** @param open whether only the time in maintenance windows counts */
function hasPassed(draft: Draft, since: number | null, span: number, open: boolean): boolean {
  if (since === null) return false;
  const { windows } = draft.terms;
  const gone = open ? openMs(windows, since, draft.now) : draft.now - since;
  if (gone >= span) return true;
  // Where a window opens or closes before that, giveTurns() looks again.
  draft.wake(draft.now + span - gone);
  return false;
}
