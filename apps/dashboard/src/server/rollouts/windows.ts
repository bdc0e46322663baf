/**
 * @file Maintenance windows: recurring spans of local time, in which devices may switch. A wall-clock time that a change of clocks skips
 * means as much later, and one that comes twice means the first (as iCalendar and Temporal's "compatible" have it).
 */
import type { MaintenanceWindow, Weekday } from '@alpharho/protocol';

const dayNames: readonly Weekday[] = ['sun', 'mon', 'tue', 'wed', 'thu', 'fri', 'sat'];

type Span = { readonly from: number; readonly to: number };
type LocalDate = { readonly year: number; readonly month: number; readonly day: number };

const dayMs = 86_400_000;
/** A week and the day before it hold every window at least once, also across changes of clocks. */
const lookDays = 9;

/** Whether devices may switch at `at`. Without windows they always may. */
export function isOpen(windows: readonly MaintenanceWindow[], at: number): boolean {
  return windows.length === 0 || spansBetween(windows, at, at + 1).some(({ from, to }) => from <= at && at < to);
}

/** When {@link isOpen} changes next; undefined where it never does. */
export function nextChange(windows: readonly MaintenanceWindow[], at: number): number | undefined {
  const spans = spansBetween(windows, at, at + lookDays * dayMs);
  const inside = spans.find(({ from, to }) => from <= at && at < to);
  return inside?.to ?? spans.find(({ from }) => from > at)?.from;
}

/** For how long it was open between two times, milliseconds. */
export function openMs(windows: readonly MaintenanceWindow[], from: number, to: number): number {
  if (windows.length === 0) return Math.max(0, to - from);
  return spansBetween(windows, from, to).reduce((sum, span) => sum + Math.max(0, Math.min(span.to, to) - Math.max(span.from, from)), 0);
}

/** The spans that touch from..to, in order, those that touch each other as one. */
function spansBetween(windows: readonly MaintenanceWindow[], from: number, to: number): Span[] {
  const spans = windows.flatMap((window) => occurrences(window, from, to)).sort((a, b) => a.from - b.from);
  const merged: Span[] = [];
  for (const span of spans) {
    const last = merged.at(-1);
    if (last === undefined || span.from > last.to) merged.push(span);
    else merged[merged.length - 1] = { from: last.from, to: Math.max(last.to, span.to) };
  }
  return merged;
}

function occurrences(window: MaintenanceWindow, from: number, to: number): Span[] {
  const found: Span[] = [];
  // From the day before: a window may go past midnight.
  for (let noon = noonOf(localDate(from - dayMs, window.timeZone)); noon <= to + dayMs; noon += dayMs) {
    const date = dateOf(noon);
    const name = dayNames[new Date(noon).getUTCDay()];
    if (name === undefined || !window.days.includes(name)) continue;
    const overnight = window.to <= window.from;
    const span = {
      from: instantOf(date, window.from, window.timeZone),
      to: instantOf(overnight ? dateOf(noon + dayMs) : date, window.to, window.timeZone),
    };
    if (span.to > from && span.from < to && span.to > span.from) found.push(span);
  }
  return found;
}

/** Dates are counted in UTC, where each day has 24 hours. */
function noonOf({ year, month, day }: LocalDate): number {
  return Date.UTC(year, month - 1, day, 12);
}

function dateOf(noon: number): LocalDate {
  const date = new Date(noon);
  return { year: date.getUTCFullYear(), month: date.getUTCMonth() + 1, day: date.getUTCDate() };
}

/** Every device of a rollout asks for the same instants at every look, and the calendar is slow to answer. */
const instants = new Map<string, number>();
const mostInstants = 10_000;

function instantOf(date: LocalDate, time: string, timeZone: string): number {
  const key = `${date.year}-${date.month}-${date.day} ${time} ${timeZone}`;
  const known = instants.get(key);
  if (known !== undefined) return known;
  if (instants.size >= mostInstants) instants.clear();
  const instant = toInstant(date, time, timeZone);
  instants.set(key, instant);
  return instant;
}

/** @param time `hh:mm`; `24:00` is the end of the day. */
function toInstant({ year, month, day }: LocalDate, time: string, timeZone: string): number {
  const [hours = 0, minutes = 0] = time.split(':').map(Number);
  const wall = Date.UTC(year, month - 1, day, hours, minutes);
  // The offsets before and after any change of clocks near by. Where the wall time comes twice, both are right and the earlier instant is
  // meant; where it is skipped, neither is, and the offset before the change makes it as much later.
  const before = offsetAt(wall - dayMs, timeZone);
  const after = offsetAt(wall + dayMs, timeZone);
  const right = [wall - before, wall - after].filter((instant) => instant + offsetAt(instant, timeZone) === wall);
  return right.length > 0 ? Math.min(...right) : wall - before;
}

function localDate(instant: number, timeZone: string): LocalDate {
  return dateOf(instant + offsetAt(instant, timeZone));
}

const formats = new Map<string, Intl.DateTimeFormat>();

/** Local time minus UTC, milliseconds. */
function offsetAt(instant: number, timeZone: string): number {
  let format = formats.get(timeZone);
  if (format === undefined) {
    const numeric = 'numeric' as const;
    const fields = { year: numeric, month: numeric, day: numeric, hour: numeric, minute: numeric, second: numeric };
    format = new Intl.DateTimeFormat('en-US', { timeZone, hourCycle: 'h23', calendar: 'gregory', ...fields });
    formats.set(timeZone, format);
  }
  const part = Object.fromEntries(format.formatToParts(instant).map(({ type, value }) => [type, Number(value)]));
  const { year = 0, month = 1, day = 1, hour = 0, minute = 0, second = 0 } = part;
  return Date.UTC(year, month - 1, day, hour, minute, second) - Math.floor(instant / 1000) * 1000;
}
