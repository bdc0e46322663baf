/** @file Events on their way to the hub: logged, limited, numbered by the spool, kept there until the hub has them. */
import type { EventId, EventStream } from '@alpharho/protocol';
import type { Cancel, Clock } from '../domain/clock.ts';
import { EventLimiter } from '../domain/event-limiter.ts';
import { type AgentEvent, draftEvent, type Emit, streamOf } from '../domain/events.ts';
import type { Log } from '../domain/ports.ts';

/** What was left out is told at most this often, milliseconds. */
const omittedMs = 60_000;
/** Events of the time before `attach`. */
const maxEarly = 100;

/** Takes an entry for the hub. @param build makes its body from its sequence number. @returns that number */
export type AddEntry = (stream: EventStream, build: (seq: number) => string) => number;

export type EventRecorderOptions = {
  readonly session: string;
  readonly clock: Clock;
  /** Where lines are written. */
  readonly log: Log;
};

/** Every part logs through `log`: its lines at warning and above are events too. */
export class EventRecorder {
  readonly log: Log;
  readonly emit: Emit;
  private readonly options: EventRecorderOptions;
  private readonly limiter = new EventLimiter();
  private add: AddEntry | undefined;
  private early: (() => void)[] = [];
  private cancelOmitted: Cancel | undefined;
  private stopped = false;

  constructor(options: EventRecorderOptions) {
    this.options = options;
    const { log } = options;
    this.emit = (event) => {
      log[lineLevel(event)](event.message);
      this.record(event);
    };
    this.log = {
      debug: (message) => log.debug(message),
      info: (message) => log.info(message),
      warn: (message) => {
        log.warn(message);
        this.record({ id: 'log.warning', level: 'warning', message });
      },
      error: (message) => {
        log.error(message);
        this.record({ id: 'log.error', level: 'error', message });
      },
    };
  }

  /** From now on events have a place to go; those of before go there first. */
  attach(add: AddEntry): void {
    this.add = add;
    for (const keep of this.early.splice(0)) keep();
  }

  /**
   * For an event that takes a while to make.
   * @returns takes it, whenever it is ready; undefined where it may not be told now, which is counted
   */
  reserve(id: EventId): Emit | undefined {
    return this.admits(id) ? (event) => this.keep(event, event.at ?? this.options.clock.now()) : undefined;
  }

  /** For an event whose way to the hub somebody follows. @returns its number in its stream; undefined before `attach` */
  follow(event: AgentEvent): number | undefined {
    this.options.log[lineLevel(event)](event.message);
    return this.keep(event, event.at ?? this.options.clock.now());
  }

  /** Tells what was left out and was not told yet. */
  stop(): void {
    this.stopped = true;
    this.cancelOmitted?.();
    this.tellOmitted();
  }

  private record(event: AgentEvent): void {
    if (this.admits(event.id)) this.keep(event, event.at ?? this.options.clock.now());
  }

  private admits(id: EventId): boolean {
    const { clock } = this.options;
    if (this.limiter.allows(id, clock.monotonic())) return true;
    if (!this.stopped) this.cancelOmitted ??= clock.after(omittedMs, () => this.tellOmitted());
    return false;
  }

  private keep(event: AgentEvent, at: number): number | undefined {
    const { session } = this.options;
    const put = (): number | undefined => this.add?.(streamOf(event.id), (seq) => JSON.stringify(draftEvent(event, { session, seq, at })));
    if (this.add !== undefined) return put();
    if (this.early.length < maxEarly) this.early.push(put);
    return undefined;
  }

  private tellOmitted(): void {
    this.cancelOmitted = undefined;
    const detail = this.limiter.takeOmitted();
    if (detail === undefined) return;
    const count = Object.values(detail).reduce((sum, each) => sum + each, 0);
    const message = `${count} ${count === 1 ? 'event was' : 'events were'} left out, more than may be told in so short a time`;
    this.keep({ id: 'events.omitted', level: 'warning', message, detail }, this.options.clock.now());
  }
}

/** What comes with every frame or every update's step would drown the rest of the log. */
function lineLevel({ id, level }: AgentEvent): 'debug' | 'info' | 'warn' | 'error' {
  if (level !== 'info') return level === 'warning' ? 'warn' : 'error';
  return id === 'result.changed' || id === 'update.phase' ? 'debug' : 'info';
}
