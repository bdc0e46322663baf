/**
 * @file The frame policy: newest frame wins. A triple buffer in shared memory between the thread that captures and the one
 * that classifies. While one frame is in work, one waits, so the classifier never idles; a newer frame takes the waiting
 * one's place. Neither side ever waits for the other's lock, and the classifier is woken without its event loop.
 */

/** One slot is being filled, one waits, one is in work. */
const slotCount = 3;

/** Words of the shared control block. */
const mailboxWord = 0;
const bellWord = 1;
const stopWord = 2;
const controlWords = 3;

/** Set beside the slot's number in the mailbox while its frame has not been taken yet. */
const fresh = 4;

export type SharedSlots = {
  readonly control: SharedArrayBuffer;
  readonly tickets: SharedArrayBuffer;
  readonly pixels: SharedArrayBuffer;
};

/** @param bytes of one frame */
export function createSharedSlots(bytes: number): SharedSlots {
  const control = new SharedArrayBuffer(controlWords * Int32Array.BYTES_PER_ELEMENT);
  // Slot 0 belongs to the giver, 1 lies in the mailbox (nothing new in it), 2 belongs to the taker.
  new Int32Array(control)[mailboxWord] = 1;
  return {
    control,
    tickets: new SharedArrayBuffer(slotCount * Float64Array.BYTES_PER_ELEMENT),
    pixels: new SharedArrayBuffer(slotCount * bytes),
  };
}

function views({ control, tickets, pixels }: SharedSlots) {
  const bytes = pixels.byteLength / slotCount;
  return {
    control: new Int32Array(control),
    tickets: new Float64Array(tickets),
    slots: Array.from({ length: slotCount }, (_, index) => new Uint8Array(pixels, index * bytes, bytes)),
  };
}

/** The capturing side. */
export class FrameGiver {
  private readonly shared: ReturnType<typeof views>;
  private mine = 0;

  constructor(slots: SharedSlots) {
    this.shared = views(slots);
  }

  /** Where the next frame is written; the same memory until `give`. */
  get slot(): Uint8Array {
    return this.shared.slots[this.mine]!;
  }

  /**
   * Hands over the filled slot.
   * @param ticket names the frame; a whole number up to 2^53
   * @returns the ticket of the frame that it replaced before anybody took it
   */
  give(ticket: number): number | undefined {
    const { control, tickets } = this.shared;
    tickets[this.mine] = ticket;
    const replaced = Atomics.exchange(control, mailboxWord, this.mine | fresh);
    this.mine = replaced & ~fresh;
    ring(control);
    return (replaced & fresh) === 0 ? undefined : tickets[this.mine];
  }

  /** Tells the other side to end; it does so before its next frame. */
  stop(): void {
    Atomics.store(this.shared.control, stopWord, 1);
    ring(this.shared.control);
  }
}

type Taken = { readonly ticket: number; readonly frame: Uint8Array };

/** The classifying side. */
export class FrameTaker {
  private readonly shared: ReturnType<typeof views>;
  private mine = 2;

  constructor(slots: SharedSlots) {
    this.shared = views(slots);
  }

  /** Takes the newest frame, and gives the last one's slot back. Blocks the thread until there is one. @returns undefined after `stop`. */
  take(): Taken | undefined {
    const { control } = this.shared;
    for (;;) {
      // Read the bell before looking: a frame that arrives in between makes the wait return at once.
      const bell = Atomics.load(control, bellWord);
      if (Atomics.load(control, stopWord) === 1) return undefined;
      const taken = this.poll();
      if (taken !== undefined) return taken;
      Atomics.wait(control, bellWord, bell);
    }
  }

  /** As `take`, where a frame waits. @returns undefined where none does */
  poll(): Taken | undefined {
    const { control, tickets, slots } = this.shared;
    if (Atomics.load(control, stopWord) === 1 || (Atomics.load(control, mailboxWord) & fresh) === 0) return undefined;
    this.mine = Atomics.exchange(control, mailboxWord, this.mine) & ~fresh;
    return { ticket: tickets[this.mine]!, frame: slots[this.mine]! };
  }
}

function ring(control: Int32Array): void {
  Atomics.add(control, bellWord, 1);
  Atomics.notify(control, bellWord);
}
