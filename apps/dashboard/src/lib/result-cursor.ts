/** @file Where a page of results begins, as it stands in the address. Pure. */

export type ResultCursor = { direction: 'older' | 'newer'; at: number; sessionId: number; seq: number };

/** `older.1764930000123.7.4811`. */
export function writeCursor({ direction, at, sessionId, seq }: ResultCursor): string {
  return `${direction}.${at}.${sessionId}.${seq}`;
}

/** @returns undefined where the address holds no place or a damaged one: the newest results are shown then. */
export function readCursor(text: string | string[] | undefined): ResultCursor | undefined {
  const match = typeof text === 'string' ? /^(older|newer)\.(\d{1,16})\.(\d{1,15})\.(\d{1,15})$/.exec(text) : null;
  if (match === null) return undefined;
  const [, direction, at, sessionId, seq] = match;
  return { direction: direction as ResultCursor['direction'], at: Number(at), sessionId: Number(sessionId), seq: Number(seq) };
}
