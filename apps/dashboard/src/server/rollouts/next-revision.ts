/** @file The number of a device's next desired state. */

/**
 * Above what the device says it has seen, too: it may remember a database that was lost.
 * @returns undefined where it claims the last number there is. It can be told nothing more, and one number higher nobody could read any more
 */
export function nextRevision({
  desiredRevision,
  seenRevision,
}: {
  readonly desiredRevision: number;
  readonly seenRevision: number;
}): number | undefined {
  const next = Math.max(desiredRevision, seenRevision) + 1;
  return Number.isSafeInteger(next) ? next : undefined;
}
