/** @file How sure of a class a result must be to count: `scratched=0.8,*=0.5`. */
import type { Prediction } from '@alpharho/protocol';

export type Thresholds = {
  readonly labels: ReadonlyMap<string, number>;
  /** Of every label that is not named. */
  readonly others: number;
};

export const anyProbability: Thresholds = { labels: new Map(), others: 0 };

const numeral = /^(\d+\.?\d*|\.\d+)$/;

/**
 * A label may hold commas and spaces, and no `=`.
 * @returns undefined where the text is none: a label without a probability from 0 to 1, or one that is named twice
 */
export function parseThresholds(text: string): Thresholds | undefined {
  const found = new Map<string, number>();
  const [first = '', ...rest] = text.split('=');
  let label = first.trim();
  for (const [index, part] of rest.entries()) {
    const isLast = index === rest.length - 1;
    // Between two `=` stand a number, a comma, and the next label.
    const comma = isLast ? part.length : part.indexOf(',');
    const number = part.slice(0, Math.max(comma, 0)).trim();
    if (label === '' || found.has(label) || !numeral.test(number) || Number(number) > 1) return undefined;
    found.set(label, Number(number));
    label = part.slice(comma + 1).trim();
  }
  if (found.size === 0 || label !== '') return undefined;
  const others = found.get('*') ?? 0;
  found.delete('*');
  return { labels: found, others };
}

/** The first class is as probable as its own threshold, or that of the others, wants. */
export function isSure(thresholds: Thresholds, { label, probability }: Pick<Prediction, 'label' | 'probability'>): boolean {
  return probability >= (thresholds.labels.get(label) ?? thresholds.others);
}

/** Labels that have a threshold and that no class of the variant bears. */
export function strangeLabels(thresholds: Thresholds, known: readonly string[]): string[] {
  const labels = new Set(known);
  return [...thresholds.labels.keys()].filter((label) => !labels.has(label));
}
