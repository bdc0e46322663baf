/** @file Class labels: from a text file (one a line), from TFLite metadata, or plain "class 0" … where nothing names them. */
import { printable } from './printable.ts';
import type { ZipEntry } from './zip.ts';

/** Longest label in letters; the variant contract takes no longer ones. */
const longestLabel = 200;

/** Longest label file worth reading, in bytes; ImageNet's 1001 labels take 22 kB. */
export const largestLabelFile = 4_000_000;

/**
 * Labels of a text file, one a line; empty lines at the end do not count. Lists that number their lines ("0  background") lose the numbers.
 */
export function parseLabels(text: string): string[] {
  const lines = text
    .replace(/^\uFEFF/, '')
    .split(/\r?\n/)
    .map((line) => printable(line, longestLabel));
  while (lines.at(-1) === '') lines.pop();
  const numbered = lines.length > 0 && lines.every((line, index) => new RegExp(`^${index}[\\s:,]+\\S`).test(line));
  return numbered ? lines.map((line) => line.replace(/^\d+[\s:,]+/, '')) : lines;
}

/** The label list of a model file's metadata: the first text entry (one named after labels before others) with exactly K lines. */
export function labelsOfMetadata(entries: ZipEntry[], classes: number): { labels: string[]; name: string } | undefined {
  const texts = entries.filter((entry) => /\.(txt|labels?)$/i.test(entry.name));
  texts.sort((a, b) => Number(/label/i.test(b.name)) - Number(/label/i.test(a.name)));
  for (const entry of texts) {
    const labels = parseLabels(new TextDecoder().decode(entry.read()));
    if (labels.length === classes) return { labels, name: entry.name };
  }
  return undefined;
}

/** What classes are called where nothing names them. */
export function placeholderLabels(classes: number): string[] {
  return Array.from({ length: classes }, (_, index) => `class ${index}`);
}
