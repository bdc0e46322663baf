/** @file Clocks in the viewer's zone, formatted alike on the server and in the browser, so that hydration finds what it expects. Pure. */

/** The browser tells its zone once, in this cookie; until then the server's own zone stands in. */
export const zoneCookie = 'alpharho-zone';

/** @returns the zone if this runtime knows it, else the runtime's own. */
export function usableZone(zone: string | undefined): string {
  if (zone !== undefined && zone.length <= 64 && isZone(zone)) return zone;
  return Intl.DateTimeFormat().resolvedOptions().timeZone;
}

function isZone(zone: string): boolean {
  try {
    new Intl.DateTimeFormat('en-GB', { timeZone: zone });
    return true;
  } catch {
    return false;
  }
}

type Style = 'clock' | 'minute' | 'day' | 'dayMinute' | 'full';

const styles: Record<Style, Intl.DateTimeFormatOptions> = {
  clock: { hour: '2-digit', minute: '2-digit', second: '2-digit' },
  minute: { hour: '2-digit', minute: '2-digit' },
  day: { day: 'numeric', month: 'short' },
  dayMinute: { day: 'numeric', month: 'short', hour: '2-digit', minute: '2-digit' },
  full: { day: 'numeric', month: 'short', year: 'numeric', hour: '2-digit', minute: '2-digit', second: '2-digit', timeZoneName: 'short' },
};

const formatters = new Map<string, Intl.DateTimeFormat>();

/** `clock` 14:32:07 · `minute` 14:32 · `day` 22 Nov · `dayMinute` 22 Nov, 14:32 · `full` 22 Nov 2026, 14:32:07 CET. */
export function formatTime(at: number, zone: string, style: Style): string {
  const key = `${style} ${zone}`;
  let formatter = formatters.get(key);
  if (formatter === undefined) {
    formatter = new Intl.DateTimeFormat('en-GB', { ...styles[style], timeZone: zone, hourCycle: 'h23' });
    formatters.set(key, formatter);
  }
  return formatter.format(at);
}

/** Is `a` on the same calendar day as `b` in `zone`? */
export function sameDay(a: number, b: number, zone: string): boolean {
  return formatTime(a, zone, 'day') === formatTime(b, zone, 'day') && Math.abs(a - b) < 2 * 86_400_000;
}

/** Below this a time of day can mean one day only. */
const halfDayMs = 12 * 3_600_000;

/** Does the time of day alone tell when `at` was? At 00:05 a note of 23:59 is six minutes old, not yesterday's news. */
export function clockSuffices(at: number, now: number, zone: string): boolean {
  return sameDay(at, now, zone) || Math.abs(now - at) < halfDayMs;
}

/** Milliseconds that `zone` is ahead of UTC at `at`. */
export function zoneOffsetMs(at: number, zone: string): number {
  const parts = new Intl.DateTimeFormat('en-GB', {
    timeZone: zone,
    hourCycle: 'h23',
    year: 'numeric',
    month: 'numeric',
    day: 'numeric',
    hour: 'numeric',
    minute: 'numeric',
    second: 'numeric',
  }).formatToParts(at);
  const field = (type: Intl.DateTimeFormatPartTypes) => Number(parts.find((part) => part.type === type)?.value);
  const asUtc = Date.UTC(field('year'), field('month') - 1, field('day'), field('hour'), field('minute'), field('second'));
  return asUtc - Math.floor(at / 1000) * 1000;
}
