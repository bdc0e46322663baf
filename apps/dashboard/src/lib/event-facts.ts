/** @file An event as lists show it, and which of them a list is asked for. Pure. */

export type EventFacts = {
  id: number;
  deviceId: string;
  at: number;
  /** The hub's own word, or the stable dotted id of an agent's event. */
  kind: string;
  /** info | warning | error */
  level: string;
  message: string;
  thumbnail: { width: number; height: number } | null;
};

/** Each with what its list leaves out. */
export const levelFilters = {
  all: { label: 'All', none: 'Nothing has happened yet.', levels: undefined },
  warning: { label: 'Warnings', none: 'No warning and no error.', levels: ['warning', 'error'] },
  error: { label: 'Errors', none: 'No error.', levels: ['error'] },
} as const;

export type LevelFilter = keyof typeof levelFilters;
export const levelKeys = Object.keys(levelFilters) as LevelFilter[];

/** @returns the filter that the address names; anything else reads as all. */
export function levelFrom(value: string | string[] | undefined): LevelFilter {
  return levelKeys.find((key) => key === value) ?? 'all';
}

export type EventCursor = { at: number; id: number };

/** `1764930000123.4811`: the last event of the page before. */
export function writeEventCursor({ at, id }: EventCursor): string {
  return `${at}.${id}`;
}

/** @returns undefined where the address holds no place or a damaged one: the newest events are shown then. */
export function readEventCursor(text: string | string[] | undefined): EventCursor | undefined {
  const match = typeof text === 'string' ? /^(\d{1,15})\.(\d{1,15})$/.exec(text) : null;
  return match === null ? undefined : { at: Number(match[1]), id: Number(match[2]) };
}
