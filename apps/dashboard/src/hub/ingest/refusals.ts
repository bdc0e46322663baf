/** @file Keeps a client that sends nothing but nonsense from filling the log and the history of its device. */

/** At most one refusal per device in this time is told, milliseconds. */
const quietMs = 60_000;
/** Devices remembered; a fleet is smaller. */
const maxKept = 10_000;

export class RefusalLimit {
  private readonly told = new Map<string, { at: number; unheard: number }>();

  /** @returns how many were passed over since the last one told, or undefined where this one is to be passed over too. */
  admit(device: string, at: number): number | undefined {
    const last = this.told.get(device);
    if (last !== undefined && at < last.at + quietMs) {
      last.unheard += 1;
      return undefined;
    }
    if (this.told.size >= maxKept) this.told.clear();
    this.told.set(device, { at, unheard: 0 });
    return last?.unheard ?? 0;
  }
}
