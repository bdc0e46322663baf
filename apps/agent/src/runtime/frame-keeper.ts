/** @file Copies of frames that are in work, for whoever may want their picture: a classifier's slot is filled anew at once. */

/** Frames in work and waiting in two classifiers, and one that began a run; more is a caller that forgot to let go. */
const maxKept = 8;

/** INVARIANT: holds at most `maxKept` frames, whatever is never answered; memory is reused. */
export class FrameKeeper {
  private readonly kept = new Map<number, Uint8Array>();
  private free: Uint8Array[] = [];

  keep(frame: number, pixels: Uint8Array): void {
    const [oldest] = this.kept.keys();
    if (oldest !== undefined && this.kept.size >= maxKept) this.forget(oldest);
    // Memory of another size is of a format that is no longer seen.
    let memory = this.free.pop();
    if (memory?.byteLength !== pixels.byteLength) {
      this.free = [];
      memory = new Uint8Array(pixels.byteLength);
    }
    memory.set(pixels);
    this.kept.set(frame, memory);
  }

  /** @returns the frame's pixels, the caller's own; undefined where it was not kept */
  copy(frame: number): Uint8Array | undefined {
    return this.kept.get(frame)?.slice();
  }

  forget(frame: number): void {
    const memory = this.kept.get(frame);
    if (memory === undefined) return;
    this.kept.delete(frame);
    this.free.push(memory);
  }

  /** Lets go of every frame up to this one but `except`. */
  forgetUpTo(frame: number, except: number | undefined): void {
    // Usually nobody wants pictures: not even an iterator is made then.
    if (this.kept.size === 0) return;
    for (const each of this.kept.keys()) if (each <= frame && each !== except) this.forget(each);
  }
}
