/** @file How far a device's clock is from the hub's, from nothing but one-way messages. */

/** A clock that is set right, or drifts, is followed within two of these, milliseconds. */
const bucketMs = 30_000;
/** No connection holds a message for so long: one that seems to have been under way for more tells of a clock that was set back. */
const maxDelayMs = 600_000;

/**
 * Each message says when it was sent (device clock) and we know when it came (hub clock). Their difference is the offset less the time the
 * message was under way, and that time is never negative: the largest difference of late is the closest to the truth. (The minimum
 * filter of NTP's clock selection, one-sided; RFC 5905, 10.)
 */
export class ClockOffset {
  private current = Number.NEGATIVE_INFINITY;
  private previous = Number.NEGATIVE_INFINITY;
  private bucketEnd = Number.NEGATIVE_INFINITY;

  /** @returns device clock minus hub clock, milliseconds; a positive one runs ahead. */
  observe(sentAt: number, arrivedAt: number): number {
    if (arrivedAt >= this.bucketEnd) {
      this.previous = arrivedAt >= this.bucketEnd + bucketMs ? Number.NEGATIVE_INFINITY : this.current;
      this.current = Number.NEGATIVE_INFINITY;
      this.bucketEnd = arrivedAt + bucketMs;
    }
    const offset = sentAt - arrivedAt;
    if (offset < Math.max(this.current, this.previous) - maxDelayMs) {
      this.previous = Number.NEGATIVE_INFINITY;
      this.current = offset;
    }
    this.current = Math.max(this.current, offset);
    return Math.max(this.current, this.previous);
  }
}

/** A device's time by the hub's clock. Nothing happened after the message that tells of it arrived. */
export function correct(at: number, offsetMs: number, arrivedAt: number): number {
  return Math.round(Math.max(0, Math.min(at - offsetMs, arrivedAt)));
}
