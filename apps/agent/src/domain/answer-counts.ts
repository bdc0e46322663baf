/** @file What a variant answers, counted: how sure it is and which classes come first, of every frame, whatever leaves the device. */
import { maxCountedClasses, type Prediction, type Telemetry } from '@alpharho/protocol';

export class AnswerCounts {
  private n = 0;
  private sum = 0;
  private squares = 0;
  private readonly classes = new Map<number, number>();

  add(top: readonly Prediction[]): void {
    const first = top[0];
    if (first === undefined) return;
    this.n += 1;
    this.sum += first.probability;
    this.squares += first.probability ** 2;
    this.classes.set(first.class, (this.classes.get(first.class) ?? 0) + 1);
  }

  /** Rarer classes than a message has room for are left out; `n` counts them all the same. Undefined where nothing was answered. */
  toWire(): Telemetry['answers'] {
    if (this.n === 0) return undefined;
    const classes = [...this.classes].toSorted(([a, often], [b, oftener]) => oftener - often || a - b).slice(0, maxCountedClasses);
    return { n: this.n, confidence: { sum: this.sum, squares: this.squares }, classes };
  }
}
