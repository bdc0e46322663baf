/** @file Whether a model answers here as it did where its variant was made. */
import type { Prediction } from '@alpharho/protocol';

/** What is right for the golden input, highest probability first. */
export type GoldenAnswer = {
  readonly top: readonly { readonly class: number; readonly probability: number }[];
  /** How far a probability may be off: processors and providers round differently. */
  readonly tolerance: number;
};

/**
 * @param answer the classes that came out first; one that is not among them has at most the probability of the last, and what they leave
 * @returns what differs, in words; undefined where nothing does
 */
export function goldenFault({ top, tolerance }: GoldenAnswer, answer: readonly Prediction[]): string | undefined {
  const rest = Math.max(0, 1 - answer.reduce((sum, { probability }) => sum + probability, 0));
  const hidden = Math.min(rest, answer.at(-1)?.probability ?? 0);
  for (const { class: index, probability } of top) {
    const found = answer.find((prediction) => prediction.class === index)?.probability;
    const nearest = found ?? Math.min(probability, hidden);
    if (Math.abs(nearest - probability) <= tolerance) continue;
    const here = found === undefined ? `at most ${nearest.toFixed(3)}` : found.toFixed(3);
    return `to the golden input it gives class ${index} a probability of ${here} here, and ${probability.toFixed(3)} where it was checked; ${tolerance} may differ`;
  }
  return undefined;
}
