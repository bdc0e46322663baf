/** @file The known name that someone most likely meant. */

/** @returns undefined where none is near: more than a third of its letters would have to change */
export function nearest(word: string, known: readonly string[]): string | undefined {
  const plain = simplify(word);
  let best: string | undefined;
  let fewest = Number.POSITIVE_INFINITY;
  for (const name of known) {
    const changes = editDistance(plain, simplify(name));
    if (changes < fewest) [best, fewest] = [name, changes];
  }
  return fewest <= Math.max(plain.length, 3) / 3 ? best : undefined;
}

/** `dataDir`, `data_dir` and `data-dir` are one word. */
function simplify(name: string): string {
  return name
    .slice(0, 64)
    .replaceAll(/[-_. ]/g, '')
    .toLowerCase();
}

/** Letters to insert, remove, replace or swap with their neighbour (optimal string alignment). */
function editDistance(a: string, b: string): number {
  let before: number[] = [];
  let previous = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (let i = 1; i <= a.length; i += 1) {
    const row = [i];
    for (let j = 1; j <= b.length; j += 1) {
      const replaced = (previous[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1);
      let least = Math.min(replaced, (previous[j] ?? 0) + 1, (row[j - 1] ?? 0) + 1);
      if (a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1]) least = Math.min(least, (before[j - 2] ?? 0) + 1);
      row.push(least);
    }
    [before, previous] = [previous, row];
  }
  return previous[b.length] ?? 0;
}
