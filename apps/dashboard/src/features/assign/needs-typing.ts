/** @file When a change is large enough to be confirmed by typing its size. Pure. */

/** More than a fifth of the fleet at once; a single device is named by its button. */
const confirmShare = 0.2;

export function needsTyping(chosen: number, fleet: number): boolean {
  return chosen > 1 && chosen > fleet * confirmShare;
}
