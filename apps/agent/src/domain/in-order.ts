/** @file Puts answers of several workers back into the order in which their frames were captured. */

type Entry<T> = { readonly ticket: number; settled: boolean; value: T | undefined };

/**
 * INVARIANTS: tickets are opened in rising order; each is settled at most once; a value leaves only after every earlier
 * ticket is settled. A ticket that is never settled holds back all later ones, so whoever loses a worker must settle its
 * tickets as lost. Few are open at a time (two a worker), so a list is enough.
 */
export class InOrder<T> {
  private readonly entries: Entry<T>[] = [];
  private readonly deliver: (value: T) => void;

  constructor(deliver: (value: T) => void) {
    this.deliver = deliver;
  }

  open(ticket: number): void {
    this.entries.push({ ticket, settled: false, value: undefined });
  }

  /** @param value undefined where the frame was dropped or lost: it is passed over. Unknown tickets are ignored. */
  settle(ticket: number, value: T | undefined): void {
    const entry = this.entries.find((candidate) => candidate.ticket === ticket);
    if (entry === undefined || entry.settled) return;
    entry.settled = true;
    entry.value = value;
    while (this.entries[0]?.settled) {
      const first = this.entries.shift();
      if (first?.value !== undefined) this.deliver(first.value);
    }
  }
}
