/** @file The decision in the making: moves the machine, and notes what moved. */
import {
  goesBack,
  type PauseReason,
  pauseReasons,
  type RolloutDeviceState,
  type RolloutEvent,
  type RolloutProgress,
  reduceRollout,
} from '@alpharho/protocol';
import { nextRevision } from '../next-revision.ts';
import type { Decision, DeviceNow, Intent, Newcomer, Snapshot, Story, Times, Track } from './snapshot.ts';
import type { Terms } from './terms.ts';

export type Entry = {
  readonly id: string;
  readonly state: RolloutDeviceState;
  readonly phase: number;
  readonly variant: string;
  readonly previous: string | undefined;
  readonly served: boolean;
  readonly track: Track;
  readonly now: DeviceNow;
};

/** INVARIANT: whatever the machine does goes through apply(), so that times, notes and stories belong to what has happened. */
export class Draft {
  readonly terms: Terms;
  readonly now: number;
  progress: RolloutProgress;
  times: Times;
  private readonly before: Snapshot;
  private readonly facts: Record<string, DeviceNow>;
  private readonly tracks: Record<string, Track>;
  private readonly joinedIds: string[] = [];
  private readonly intents = new Map<string, Intent>();
  private readonly stories: Story[] = [];
  private wakeAt: number | undefined;
  judge = false;

  constructor(before: Snapshot, terms: Terms, now: number) {
    this.before = before;
    this.terms = terms;
    this.now = now;
    this.progress = before.progress;
    this.times = before.times;
    this.tracks = { ...before.tracks };
    this.facts = { ...before.now };
  }

  get goesBack(): boolean {
    return goesBack(this.progress);
  }

  /** In the order of turns. */
  entries(): Entry[] {
    return Object.keys(this.tracks)
      .flatMap((id) => this.entry(id) ?? [])
      .sort((a, b) => a.track.position - b.track.position);
  }

  entry(id: string): Entry | undefined {
    const device = this.progress.devices[id];
    const [track, now] = [this.tracks[id], this.facts[id]];
    if (device === undefined || track === undefined || now === undefined) return undefined;
    const { state, phase, variant, previous, served = false } = device;
    return { id, state, phase, variant, previous, served, track, now };
  }

  /** @returns whether the machine moved. */
  apply(event: RolloutEvent): boolean {
    const before = this.progress;
    const after = reduceRollout(before, event, this.terms.rules);
    if (after === before) return false;
    this.progress = after;
    for (const [id, device] of Object.entries(after.devices)) {
      const old = before.devices[id]?.state;
      if (old !== undefined && old !== device.state) this.deviceMoved(id, device.state);
    }
    if (after.state !== before.state || after.phase !== before.phase) this.rolloutMoved(before, event);
    return true;
  }

  join({ id, variant, hardwareClass }: Newcomer, now: DeviceNow): void {
    // Their turn comes in the last phase: nobody who comes late makes a canary of himself.
    if (!this.apply({ type: 'joined', device: id, variant, phase: this.terms.rules.advance.length - 1 })) return;
    const position = Math.max(-1, ...Object.values(this.tracks).map((track) => track.position)) + 1;
    this.tracks[id] = { ...newTrack(position, hardwareClass, this.now), late: true };
    this.facts[id] = now;
    this.joinedIds.push(id);
    this.tell({ kind: 'joined', level: 'info', message: `${id} has come to the targets`, device: id });
  }

  note(id: string, patch: Partial<Track>): void {
    const track = this.tracks[id];
    if (track === undefined) return;
    const changed = (Object.keys(patch) as (keyof Track)[]).some((key) => patch[key] !== track[key]);
    if (changed) this.tracks[id] = { ...track, ...patch };
  }

  setTimes(patch: Partial<Times>): void {
    this.times = { ...this.times, ...patch };
  }

  tell(story: Story): void {
    this.stories.push(story);
  }

  /** A new desired state, which the engine from now on takes for the device's. There is none for a device that has no number left. */
  intend(entry: Entry, wanted: Pick<Intent, 'variant' | 'hold' | 'way' | 'pardon'>): void {
    const { id, now } = entry;
    const revision = nextRevision(now);
    if (revision === undefined) return;
    const expectedRevision = this.intents.get(id)?.expectedRevision ?? now.desiredRevision;
    this.put(id, { ...wanted, device: id, expectedRevision, revision });
    this.note(id, { revision });
  }

  /** Moves the hold alone. */
  hold(entry: Entry, hold: boolean): void {
    const { id, now } = entry;
    const standing = this.intents.get(id);
    if (now.desiredHold === hold || now.desiredId === null) return;
    const same = { variant: now.desiredId, revision: now.desiredRevision, expectedRevision: now.desiredRevision };
    this.put(id, { ...(standing ?? { ...same, device: id, way: 'forward', pardon: false }), hold });
  }

  private put(id: string, intent: Intent): void {
    this.intents.set(id, intent);
    const facts = this.facts[id];
    if (facts === undefined) return;
    this.facts[id] = { ...facts, desiredId: intent.variant, desiredRevision: intent.revision, desiredHold: intent.hold };
  }

  /** Look again then, at the latest. */
  wake(at: number | undefined): void {
    if (at !== undefined && (this.wakeAt === undefined || at < this.wakeAt)) this.wakeAt = at;
  }

  decision(): Decision {
    const after = { progress: this.progress, times: this.times, tracks: this.tracks, now: this.before.now };
    const { judge, wakeAt, stories } = this;
    return { after, joined: this.joinedIds, intents: [...this.intents.values()], stories, judge, wakeAt };
  }

  private deviceMoved(id: string, state: RolloutDeviceState): void {
    this.note(id, { stateAt: this.now, ...(state === 'returning' && { clockAt: null }), ...(state === 'waiting' && { note: null }) });
  }

  private rolloutMoved(before: RolloutProgress, event: RolloutEvent): void {
    const { state, phase, reason } = this.progress;
    const waited = before.state === 'paused' ? this.now - this.times.stateAt : 0;
    this.setTimes({ stateAt: this.now, pausedMs: this.times.pausedMs + waited, endedAt: ended(state) ? this.now : null });
    if (state === 'running' && (phase !== before.phase || this.times.phaseAt === null)) this.enterPhase();
    if (state === 'soaking' && before.state === 'running') this.setTimes({ soakAt: this.now });
    if (state === 'evaluating' && before.state === 'soaking') this.setTimes({ judgeAt: null });
    if (before.state === 'paused') this.restartClocks(waited);
    this.tell({ ...rolloutStory(before, this.progress, event), data: { from: before.state, to: state, phase, ...(reason && { reason }) } });
  }

  private enterPhase(): void {
    const startedAt = this.times.startedAt ?? this.now;
    this.setTimes({ startedAt, phaseAt: this.now, soakAt: null, judgeAt: null, pausedMs: 0 });
  }

  /** Nobody's time runs while the rollout is paused. */
  private restartClocks(waited: number): void {
    // And the gates are asked anew.
    this.setTimes({ judgeAt: null });
    if (this.times.soakAt !== null) this.setTimes({ soakAt: this.times.soakAt + waited });
    for (const { id, state, track } of this.entries()) {
      if (state !== 'told' && state !== 'moving') continue;
      this.note(id, { clockAt: track.clockAt === null ? null : track.clockAt + waited, stepAt: this.now });
    }
  }
}

export function newTrack(position: number, hardwareClass: string | null, now: number): Track {
  return {
    position,
    hardwareClass,
    late: false,
    stateAt: now,
    note: null,
    revision: null,
    toldAt: null,
    clockAt: null,
    switchedAt: null,
    committedAt: null,
    shadow: null,
    step: null,
    stepAt: null,
    attempts: 0,
    retryAt: null,
    outcome: null,
    failure: null,
  };
}

function ended(state: RolloutProgress['state']): boolean {
  return state === 'completed' || state === 'aborted' || state === 'rolled_back';
}

function rolloutStory(before: RolloutProgress, after: RolloutProgress, event: RolloutEvent): Pick<Story, 'kind' | 'level' | 'message'> {
  const { state, phase, reason } = after;
  const name = `phase ${phase + 1}`;
  const words: Record<RolloutProgress['state'], string> = {
    draft: 'Written down',
    scheduled: before.state === 'paused' ? 'Goes on: waits for its time' : 'Waits for its time',
    running: running(before, after, event),
    soaking: `Phase ${phase + 1}: every device has come to an end; the new variant is watched`,
    evaluating: `Phase ${phase + 1}: the gates are judged`,
    awaiting_approval: `Phase ${phase + 1} has passed; the next one waits for an operator's word`,
    paused: `Paused in ${name}: ${pauseReasons[reason as PauseReason] ?? 'an operator has paused it.'}`.replace(/\.$/, ''),
    rolling_back:
      before.state === 'paused' && event.type === 'resume'
        ? 'Goes on rolling back'
        : 'Rolls back: every device gets its own previous variant',
    rolled_back: 'Rolled back: every device that could be reached has its own previous variant again',
    aborted: 'Aborted: what was on its way goes back, what was committed stays',
    completed: 'Completed: all phases are done',
  };
  const level = state === 'paused' && reason !== 'operator' ? 'warning' : state === 'rolling_back' ? 'warning' : 'info';
  return { kind: state, level, message: words[state] };
}

function running(before: RolloutProgress, after: RolloutProgress, event: RolloutEvent): string {
  if (before.state === 'paused') return 'Goes on';
  if (event.type === 'retry') return 'Devices that failed are tried again';
  if (event.type === 'skip') return `Phase ${before.phase + 1} was skipped; phase ${after.phase + 1} begins`;
  return `Phase ${after.phase + 1} begins`;
}
