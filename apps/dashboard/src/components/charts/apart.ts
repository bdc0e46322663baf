/** @file Keeps the labels at the end of lines from touching. Pure. */

/** Pushes labels apart that would touch, as little as can be. @param least pixels between two. */
export function apart(places: number[], least: number, lowest: number): number[] {
  const order = places.map((place, index) => ({ place, index })).sort((a, b) => a.place - b.place);
  for (let index = 1; index < order.length; index++) {
    order[index]!.place = Math.max(order[index]!.place, order[index - 1]!.place + least);
  }
  const over = (order.at(-1)?.place ?? 0) - lowest;
  if (over > 0) {
    order.at(-1)!.place = lowest;
    for (let index = order.length - 2; index >= 0; index--) {
      order[index]!.place = Math.min(order[index]!.place, order[index + 1]!.place - least);
    }
  }
  const result = [...places];
  for (const { place, index } of order) result[index] = place;
  return result;
}
