/** @file Ranges of outbox entries, as few as will do: what grows together is one. */
import type { OutboxRange } from './ports.ts';

/** INVARIANT: no two ranges of one stream and session touch or overlap. */
export class Ranges {
  private ranges: OutboxRange[] = [];

  get isEmpty(): boolean {
    return this.ranges.length === 0;
  }

  get all(): readonly OutboxRange[] {
    return this.ranges;
  }

  /** Takes the range in, and with it those that it touches. */
  add({ stream, session, from, to }: OutboxRange): void {
    const touches = (other: OutboxRange): boolean =>
      other.stream === stream && other.session === session && other.from <= to + 1 && from <= other.to + 1;
    const joined = this.ranges.filter(touches);
    const whole = {
      stream,
      session,
      from: Math.min(from, ...joined.map((other) => other.from)),
      to: Math.max(to, ...joined.map((other) => other.to)),
    };
    this.ranges = [...this.ranges.filter((other) => !touches(other)), whole];
  }

  /** All of them; none is left. */
  take(): readonly OutboxRange[] {
    const taken = this.ranges;
    this.ranges = [];
    return taken;
  }
}
