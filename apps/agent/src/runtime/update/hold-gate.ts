/** @file Where an update waits whose variant is to be fetched and not to run yet. */

export class HoldGate {
  private readonly onHeld: (held: boolean) => void;
  private closed = false;
  private open: () => void = () => undefined;

  /** @param onHeld somebody waits here, or does not any more */
  constructor(onHeld: (held: boolean) => void) {
    this.onHeld = onHeld;
  }

  get isClosed(): boolean {
    return this.closed;
  }

  set(hold: boolean): void {
    this.closed = hold;
    if (!hold) this.open();
  }

  /** @throws the signal's reason where it is aborted before */
  async opened(signal: AbortSignal): Promise<void> {
    if (!this.closed) return;
    this.onHeld(true);
    try {
      await new Promise<void>((resolve, reject) => {
        this.open = resolve;
        if (signal.aborted) reject(signal.reason);
        signal.addEventListener('abort', () => reject(signal.reason), { once: true });
      });
    } finally {
      this.onHeld(false);
    }
  }
}
