/** @file Numbers, ages and names as the pages write them (the design language's "Numbers and words"). Pure. */

/** Keeps a number and its unit on one line. */
const nbsp = '\u00A0';
export const minus = '\u2212';
/** "Does not apply". A blank is never used. */
export const none = '—';

type Maybe = number | null | undefined;

/** 39.6 ms: one decimal; two below 1 ms, where one would say nothing. */
export function formatMs(ms: Maybe): string {
  return ms == null ? none : `${formatMsNumber(ms)}${nbsp}ms`;
}

/** As {@link formatMs} without the unit, for columns and axes that name it. */
export function formatMsNumber(ms: Maybe): string {
  if (ms == null) return none;
  if (ms >= 1000) return formatInteger(ms);
  return ms < 1 ? ms.toFixed(2) : ms.toFixed(1);
}

/** Percent, 0 to 100, one decimal: 68.7 %. */
export function formatPercent(percent: Maybe): string {
  return percent == null ? none : `${percent.toFixed(1)}${nbsp}%`;
}

/** A share from 0 to 1 as percent. */
export function formatShare(share: Maybe): string {
  return share == null ? none : formatPercent(share * 100);
}

/** 16,281,402. */
export function formatInteger(value: number): string {
  return Math.round(value)
    .toString()
    .replace(/^-/, minus)
    .replace(/\B(?=(\d{3})+(?!\d))/g, ',');
}

/** Short counts of tiles: 9,912 · 105 k · 37.7 M. */
export function formatCount(value: number): string {
  if (value < 10_000) return formatInteger(value);
  if (value < 999_500) return `${Math.round(value / 1000)}${nbsp}k`;
  if (value < 999_500_000) return `${trim(value / 1e6)}${nbsp}M`;
  return `${trim(value / 1e9)}${nbsp}G`;
}

/** Frames per second: 9.9, from 100 on whole. */
export function formatRate(perSecond: Maybe): string {
  if (perSecond == null) return none;
  return perSecond >= 100 ? formatInteger(perSecond) : perSecond.toFixed(1);
}

/** Multiply-adds and parameters: 568.7 M, 3.5 M, 840 k. */
export function formatLarge(value: Maybe): string {
  if (value == null) return none;
  if (value >= 1e9) return `${(value / 1e9).toFixed(2)}${nbsp}G`;
  if (value >= 1e6) return `${(value / 1e6).toFixed(1)}${nbsp}M`;
  return value >= 1e3 ? `${Math.round(value / 1e3)}${nbsp}k` : formatInteger(value);
}

/** Decimal units, as files are sold: 10.5 MB. */
export function formatBytes(bytes: Maybe): string {
  if (bytes == null) return none;
  if (bytes >= 1e9) return `${(bytes / 1e9).toFixed(1)}${nbsp}GB`;
  if (bytes >= 1e6) return `${(bytes / 1e6).toFixed(1)}${nbsp}MB`;
  return bytes >= 1e3 ? `${Math.round(bytes / 1e3)}${nbsp}kB` : `${bytes}${nbsp}B`;
}

export function formatCelsius(celsius: Maybe): string {
  return celsius == null ? none : `${Math.round(celsius)}${nbsp}°C`;
}

/** A clock's error with its sign: +0.41 s, −12 s, +3 h 12 m. */
export function formatOffset(ms: number): string {
  const sign = ms < 0 ? minus : '+';
  const size = Math.abs(ms);
  return size < 10_000 ? `${sign}${(size / 1000).toFixed(2)}${nbsp}s` : `${sign}${formatAge(size)}`;
}

const second = 1000;
const minute = 60 * second;
const hour = 60 * minute;
const day = 24 * hour;

/** 48 s · 3 m 12 s · 22 m · 3 h 12 m · 6 d. Negative ages (a clock that was set back) read as 0 s. */
export function formatAge(ms: number): string {
  const age = Math.max(0, ms);
  if (age < minute) return `${Math.floor(age / second)}${nbsp}s`;
  if (age < 10 * minute) return pair(age, minute, 'm', second, 's');
  if (age < hour) return `${Math.floor(age / minute)}${nbsp}m`;
  if (age < day) return pair(age, hour, 'h', minute, 'm');
  if (age < 2 * day) return pair(age, day, 'd', hour, 'h');
  return `${Math.floor(age / day)}${nbsp}d`;
}

function pair(age: number, large: number, largeUnit: string, small: number, smallUnit: string): string {
  const rest = Math.floor((age % large) / small);
  const head = `${Math.floor(age / large)}${nbsp}${largeUnit}`;
  return rest === 0 ? head : `${head}${nbsp}${rest}${nbsp}${smallUnit}`;
}

/** First 8 hexadecimal digits. */
export function shortDigest(sha256: string): string {
  return sha256.slice(0, 8);
}

/** 1 device, 2 devices. */
export function plural(count: number, one: string, many = `${one}s`): string {
  return `${formatInteger(count)}${nbsp}${count === 1 ? one : many}`;
}

function trim(value: number): string {
  return value >= 100 ? value.toFixed(0) : value.toFixed(1);
}
