/** @file Turns of a measurement, and how they are told. */
import { quantile } from '../domain/quantile.ts';

/** The machine's mood changes; both sides of a ratio are measured in turns, and the ratio is the median of the turns' ratios. */
export type Turn = { readonly ours: number; readonly other: number };

export function median(values: readonly number[]): number {
  return quantile(values, 0.5);
}

export function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

export function print(line: string): void {
  process.stdout.write(`${line}\n`);
}

/** One line: both sides' median rates, and the median ratio with its bar. @returns whether the bar is met */
export function printRatio(name: string, turns: readonly Turn[], other: string, bar: number): boolean {
  const ratio = median(turns.map((turn) => turn.ours / turn.other));
  const rate = (side: keyof Turn): string =>
    median(turns.map((turn) => turn[side]))
      .toFixed(0)
      .padStart(5);
  print(
    `  ${name.padEnd(12)} pipeline ${rate('ours')}  ${other} ${rate('other')}  ratio ${ratio.toFixed(2)}  (bar ${bar}${ratio >= bar ? '' : ', MISSED'})`,
  );
  return ratio >= bar;
}
