/** @file Looks for a label list beside a model, where neither the command line nor the model's own metadata gives one. */
import { readdir } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { largestLabelFile, parseLabels } from '../import/labels.ts';
import { readInput } from './files.ts';

/**
 * `labels.txt`, then any `*labels*.txt` with the number of classes in its name, in the model's folder; with exactly that many lines.
 * @returns undefined where no such file fits
 */
export async function findLabels(model: string, classes: number): Promise<{ labels: string[]; path: string } | undefined> {
  const folder = dirname(model);
  const names = (await readdir(folder)).filter((name) => isCandidate(name, classes)).sort(byRank);
  for (const name of names) {
    const path = join(folder, name);
    const labels = await readLabels(path).catch(() => undefined);
    if (labels?.length === classes) return { labels, path };
  }
  return undefined;
}

export async function readLabels(path: string): Promise<string[]> {
  return parseLabels((await readInput(path, 'label file', largestLabelFile)).toString('utf8'));
}

function isCandidate(name: string, classes: number): boolean {
  if (/^labels\.txt$/i.test(name)) return true;
  return /labels.*\.txt$/i.test(name) && new RegExp(`(^|\\D)${classes}(\\D|$)`).test(name);
}

/** `labels.txt` first, the rest by name. */
function byRank(a: string, b: string): number {
  const rank = (name: string) => Number(!/^labels\.txt$/i.test(name));
  return rank(a) - rank(b) || a.localeCompare(b);
}
