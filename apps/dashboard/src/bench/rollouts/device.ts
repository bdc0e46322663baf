/** @file A device of the simulated fleet: it walks the real update machine by a clock that is told to it, and its frames are those of bench/gates. */
import {
  type DevicePolicy,
  initialUpdateState,
  isResting,
  reduce,
  type UpdateEvent,
  type UpdatePhase,
  type UpdateState,
  updatePolicyOf,
} from '@alpharho/protocol';
import type { DeviceNow } from '../../server/rollouts/engine/snapshot.ts';
import { oldVariant, type SimulatedDevice, usualNature, type Variant } from '../gates/fleet.ts';

/** What is wrong with it: it stops answering in a phase, has no room for files, or goes away for good once it has begun. */
export type Fault = { kind: 'hang'; phase: UpdatePhase } | { kind: 'disk_full' } | { kind: 'offline'; phase: UpdatePhase };

/** What the hub wants of it. */
export type Wish = { variant: string; revision: number; hold: boolean };

/** Milliseconds that a phase takes; frames come on top. */
const usualMs: Partial<Record<UpdatePhase, number>> = { verifying: 1_000, warming: 3_000, switching: 500 };
/** By itself, after what may come better another time. */
const retryMs = 60_000;

export class FleetDevice {
  readonly frames: SimulatedDevice;
  readonly downloadMs: number;
  private readonly policy: DevicePolicy;
  private readonly fault: Fault | undefined;
  private readonly newVariant: Variant;
  /** It is not there before. */
  private readonly returnsAt: number | undefined;
  private gone = false;
  private state: UpdateState = initialUpdateState(oldVariant.id);
  private wish: Wish = { variant: oldVariant.id, revision: 0, hold: false };
  private servingSince = 0;
  /** When the phase that runs is over. */
  private dueAt = 0;
  private files = new Set([oldVariant.id]);
  /** Downloads of the new variant that were begun. */
  downloads = 0;
  /** As the hub knows it. */
  known: DeviceNow;

  constructor(options: {
    frames: SimulatedDevice;
    policy: DevicePolicy;
    variant: Variant;
    downloadMs: number;
    fault?: Fault | undefined;
    returnsAt?: number | undefined;
  }) {
    this.frames = options.frames;
    this.policy = options.policy;
    this.newVariant = options.variant;
    this.downloadMs = options.downloadMs;
    this.fault = options.fault;
    this.returnsAt = options.returnsAt;
    this.known = {
      online: options.returnsAt === undefined,
      serving: oldVariant.id,
      servingSince: 0,
      phase: 'idle',
      progress: null,
      outcome: null,
      failure: null,
      seenRevision: 0,
      held: false,
      shadow: null,
      desiredId: null,
      desiredRevision: 0,
      desiredHold: false,
    };
  }

  get id(): string {
    return this.frames.id;
  }

  /** Nothing is wrong with it, though it may come late. */
  get isSound(): boolean {
    return this.fault === undefined;
  }

  get isLate(): boolean {
    return this.returnsAt !== undefined;
  }

  get serving(): string {
    return servingOf(this.state);
  }

  /** Retained: it is heard when the device is there. */
  want(wish: Wish): void {
    this.wish = wish;
    this.known = { ...this.known, desiredId: wish.variant, desiredRevision: wish.revision, desiredHold: wish.hold };
  }

  /** Lives until `now`. @returns whether the hub hears something new. */
  live(now: number): boolean {
    const before = this.known;
    if (this.isThere(now)) {
      this.hear(now);
      for (let step = 0; step < 20 && this.isThere(now) && !this.hangs() && this.step(now); step += 1);
    }
    this.tell(now);
    return this.known !== before;
  }

  private isThere(now: number): boolean {
    return !this.gone && (this.returnsAt === undefined || now >= this.returnsAt);
  }

  private hangs(): boolean {
    return this.fault?.kind === 'hang' && this.fault.phase === this.state.phase && this.state.target === this.newVariant.id;
  }

  private hear(now: number): void {
    const { revision, variant } = this.wish;
    if (revision > this.state.revision && !this.hangs()) this.apply({ type: 'desired', revision, sha256: variant }, now);
  }

  /** @returns whether there was a step to take. */
  private step(now: number): boolean {
    const event = now < this.dueAt ? undefined : this.next();
    if (event === undefined) return false;
    const before = this.state;
    this.apply(event, now);
    return this.state !== before;
  }

  private next(): UpdateEvent | undefined {
    const { phase } = this.state;
    switch (phase) {
      case 'downloading':
        if (this.fault?.kind !== 'disk_full') return { type: 'downloaded' };
        return { type: 'failed', code: 'failed_no_change', error: { code: 'disk_full', message: 'no room for the file' } };
      case 'verifying':
        return { type: 'verified' };
      case 'staged':
        return this.wish.hold ? undefined : { type: 'warmup_started' };
      case 'warming':
        return { type: 'warmed' };
      case 'shadowing':
        return { type: 'shadowed' };
      case 'switching':
        return { type: 'switched' };
      case 'probation':
        return { type: 'acknowledged' };
      case 'failed':
        return this.state.outcome?.code === 'failed_no_change' ? { type: 'retry' } : undefined;
      default:
        return undefined;
    }
  }

  private apply(event: UpdateEvent, now: number): void {
    const before = this.state;
    const policy = updatePolicyOf(this.policy);
    this.state = reduce(before, event, policy);
    if (this.state.phase === before.phase) return;
    this.enter();
    const frames =
      { shadowing: policy.shadowFrames, probation: policy.probationFrames }[this.state.phase as 'shadowing' | 'probation'] ?? 0;
    for (let frame = 0; frame < frames; frame += 1) this.state = reduce(this.state, { type: 'frame' }, policy);
    const frameMs = 60_000 / usualNature.framesPerMinute;
    this.dueAt = now + (isResting(this.state.phase) ? retryMs : this.lasts() + frames * frameMs);
    if (this.serving !== servingOf(before)) {
      this.servingSince = now;
      this.frames.give(this.serving === oldVariant.id ? oldVariant : this.newVariant, now);
    }
  }

  private enter(): void {
    const { phase, target = '' } = this.state;
    if (this.fault?.kind === 'offline' && this.fault.phase === phase) this.gone = true;
    if (phase === 'downloading' && target === this.newVariant.id) this.downloads += 1;
    if (phase === 'verifying') this.files.add(target);
  }

  private lasts(): number {
    const { phase, target = '' } = this.state;
    if (phase === 'downloading') return this.files.has(target) ? 0 : this.downloadMs;
    return usualMs[phase] ?? 0;
  }

  private tell(now: number): void {
    const online = this.isThere(now);
    if (!online) {
      if (this.known.online) this.known = { ...this.known, online };
      return;
    }
    const { phase, revision, outcome } = this.state;
    const held = phase === 'staged' && this.wish.hold;
    const same = this.known.phase === phase && this.known.seenRevision === revision && this.known.held === held && this.known.online;
    if (same) return;
    const error = outcome?.error;
    this.known = {
      ...this.known,
      online,
      serving: this.serving,
      servingSince: this.servingSince,
      phase,
      outcome: outcome?.code ?? null,
      failure: error === undefined ? null : { ...error, at: now },
      seenRevision: revision,
      held,
      shadow: JSON.stringify({ frames: this.policy.shadow.frames, agreement: 0.9, p95Ms: 1, memoryBytes: 1 }),
    };
  }
}

function servingOf({ phase, target, committed }: UpdateState): string {
  return (phase === 'probation' ? target : committed) ?? '';
}
