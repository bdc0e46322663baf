/** @file So many requests in so much time from one address, and no more. */

type Options = {
  /** Requests in one window. */
  most: number;
  /** Milliseconds. */
  windowMs: number;
  /** Milliseconds, any origin. */
  clock: () => number;
};

/** Addresses remembered; whoever has more than these has a whole network, and starts afresh with everybody. */
const maxKept = 10_000;

export class RateLimit {
  private readonly options: Options;
  private readonly windows = new Map<string, { until: number; count: number }>();

  constructor(options: Options) {
    this.options = options;
  }

  /** Counts a request. @returns 0 where it may go on, else after how many milliseconds the next one may. */
  admit(address: string): number {
    const { most, windowMs, clock } = this.options;
    const now = clock();
    let window = this.windows.get(address);
    if (window === undefined || window.until <= now) {
      if (this.windows.size >= maxKept) this.windows.clear();
      window = { until: now + windowMs, count: 0 };
      this.windows.set(address, window);
    }
    window.count += 1;
    return window.count <= most ? 0 : window.until - now;
  }
}
