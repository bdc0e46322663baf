/**
 * @file Frames in, results out: numbers each captured frame, hands it to the classifier of its format, and gives results on
 * in the order of capture. A switch of variants happens here, between two frames.
 */
import { AlpharhoError } from '@alpharho/protocol';
import type { Clock } from '../domain/clock.ts';
import { type FrameFormat, type FrameResult, sameFormat } from '../domain/frames.ts';
import { InOrder } from '../domain/in-order.ts';
import type { FrameSink, Lane, LaneResult } from '../domain/ports.ts';

export type FrameLoopListener = {
  captured(captureMs: number): void;
  /** Came, and was never made into pixels: it is both captured and dropped. */
  skipped(): void;
  /** A frame is complete and is handed to its classifier; the memory is filled anew afterwards. */
  filled(frame: number, pixels: Uint8Array): void;
  /** Captured and never classified: replaced by a newer frame, or lost with its classifier. */
  dropped(reason: 'newer_frame' | 'no_classifier' | 'classifier_lost', frame: number): void;
  result(result: FrameResult): void;
  /** The lane answers frames from now on. */
  serves(lane: Lane): void;
  laneFault(lane: Lane, error: AlpharhoError): void;
  cameraFault(error: AlpharhoError): void;
  cameraRecovered(): void;
  cameraEnded(): void;
};

type Captured = { readonly lane: Lane; readonly at: number; readonly since: number };
/** One in work and one that waits for it: a third would take the waiting one's place. */
const fullAt = 2;

type Switch = { readonly lane: Lane; readonly done: () => void };

/**
 * INVARIANTS: a frame belongs to the lane that gave its memory; frame numbers rise by one at each commit and each skip, whatever becomes
 * of the frame; a lane gets no frame after the first frame of its successor; a dropped frame that a replaced one left in the
 * old lane's order is settled, so no result waits for it.
 */
export class FrameLoop implements FrameSink {
  private readonly clock: Clock;
  private readonly listener: FrameLoopListener;
  private readonly order: InOrder<FrameResult>;
  private readonly outstanding = new Map<number, Captured>();
  /** Which lane's memory is being filled; two formats are filled at a time while the camera changes over. */
  private open: { format: FrameFormat; lane: Lane | undefined }[] = [];
  private readonly dead = new WeakSet<Lane>();
  /** Lanes that only finish, and what to do then. */
  private readonly retiring = new Map<Lane, () => void>();
  private serving: Lane | undefined;
  private next: Switch | undefined;
  private frame = 0;
  /** Resolves the promise that a source waits for. */
  private makeRoom: (() => void) | undefined;
  private untilRoom: Promise<void> | undefined;

  constructor(clock: Clock, listener: FrameLoopListener) {
    this.clock = clock;
    this.listener = listener;
    this.order = new InOrder((result) => listener.result(result));
  }

  /** The lane that answers frames now. */
  get current(): Lane | undefined {
    return this.serving;
  }

  /**
   * The next frame of the lane's format goes to it, and from then on no frame to the lane before. Takes the place of a
   * switch that has not happened yet.
   * @param done called at that frame
   */
  switchTo(lane: Lane, done: () => void): void {
    this.adopt(lane);
    this.next = { lane, done };
  }

  /** A lane of the same variant takes a dead one's place at once; a switch that is to come still comes. */
  substitute(dead: Lane, lane: Lane): void {
    this.adopt(lane);
    if (this.serving !== dead) throw new AlpharhoError('internal', 'only a lane in service has a place to take');
    this.serving = lane;
    this.listener.serves(lane);
  }

  /** Forgets a switch that has not happened yet; the lane that serves goes on. */
  cancelSwitch(lane: Lane): void {
    if (this.next?.lane !== lane) return;
    this.next = undefined;
    // A frame that is being filled into its memory has no classifier any more: one that is closed would never answer.
    for (const entry of this.open) if (entry.lane === lane && lane !== this.serving) entry.lane = undefined;
  }

  /** Closes a lane that gets no more frames, once it has answered those that it has. */
  async retire(lane: Lane): Promise<void> {
    if (this.next?.lane === lane || this.serving === lane) throw new AlpharhoError('internal', 'a lane in service cannot be retired');
    if (this.dead.has(lane) || !this.isBusy(lane)) await lane.close();
    else await new Promise<void>((resolve) => this.retiring.set(lane, resolve)).then(() => lane.close());
  }

  begin(format: FrameFormat): Uint8Array | undefined {
    const lane = this.laneFor(format);
    const entry = this.open.find((candidate) => sameFormat(candidate.format, format));
    if (entry === undefined) this.open.push({ format, lane });
    else entry.lane = lane;
    return lane?.slot;
  }

  commit(format: FrameFormat, captureMs: number): void {
    const entry = this.open.find((candidate) => sameFormat(candidate.format, format));
    const lane = entry?.lane;
    this.open = this.open.filter((candidate) => candidate !== entry);
    this.frame += 1;
    if (lane !== undefined && this.next?.lane === lane) this.changeOver(this.next);
    this.listener.captured(captureMs);
    if (lane === undefined || this.dead.has(lane)) {
      this.listener.dropped('no_classifier', this.frame);
      return;
    }
    this.order.open(this.frame);
    this.outstanding.set(this.frame, { lane, at: this.clock.now(), since: this.clock.monotonic() });
    this.listener.filled(this.frame, lane.slot);
    const replaced = lane.submit(this.frame);
    if (replaced !== undefined) this.drop(replaced, 'newer_frame');
  }

  skip(): void {
    this.frame += 1;
    this.listener.skipped();
  }

  room(): Promise<void> | undefined {
    if (this.outstanding.size < fullAt) return undefined;
    this.untilRoom ??= new Promise((resolve) => {
      this.makeRoom = resolve;
    });
    return this.untilRoom;
  }

  fault(error: AlpharhoError): void {
    this.listener.cameraFault(error);
  }

  recovered(): void {
    this.listener.cameraRecovered();
  }

  ended(): void {
    this.listener.cameraEnded();
  }

  private laneFor(format: FrameFormat): Lane | undefined {
    if (this.next !== undefined && sameFormat(this.next.lane.format, format)) return this.next.lane;
    return this.serving !== undefined && sameFormat(this.serving.format, format) ? this.serving : undefined;
  }

  private changeOver({ lane, done }: Switch): void {
    this.serving = lane;
    this.next = undefined;
    this.listener.serves(lane);
    done();
  }

  private adopt(lane: Lane): void {
    lane.listen({
      result: (result) => this.settle(lane, result),
      fault: (error) => this.bury(lane, error),
    });
  }

  private settle(lane: Lane, { ticket, top, stages }: LaneResult): void {
    const captured = this.outstanding.get(ticket);
    if (captured === undefined) return;
    this.leave(ticket);
    const ms = this.clock.monotonic() - captured.since;
    const { sha256: variant, rhos } = lane.variant;
    const rho = rhos.length > 1 ? lane.format.rho : undefined;
    this.order.settle(ticket, { frame: ticket, at: captured.at, ms, stages, variant, rho, top });
    this.finish(lane);
  }

  private leave(ticket: number): void {
    this.outstanding.delete(ticket);
    if (this.makeRoom === undefined || this.outstanding.size >= fullAt) return;
    this.makeRoom();
    this.makeRoom = undefined;
    this.untilRoom = undefined;
  }

  private drop(ticket: number, reason: 'newer_frame' | 'classifier_lost'): void {
    this.leave(ticket);
    this.listener.dropped(reason, ticket);
    this.order.settle(ticket, undefined);
  }

  /** A dead lane's frames are lost; they must not hold back those of the next one. */
  private bury(lane: Lane, error: AlpharhoError): void {
    this.dead.add(lane);
    for (const [ticket, captured] of [...this.outstanding]) if (captured.lane === lane) this.drop(ticket, 'classifier_lost');
    this.finish(lane);
    this.listener.laneFault(lane, error);
  }

  private isBusy(lane: Lane): boolean {
    return [...this.outstanding.values()].some((captured) => captured.lane === lane);
  }

  private finish(lane: Lane): void {
    const done = this.retiring.get(lane);
    if (done === undefined || this.isBusy(lane)) return;
    this.retiring.delete(lane);
    done();
  }
}
