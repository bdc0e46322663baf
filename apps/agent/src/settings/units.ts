/** @file Units of measure that people write behind numbers, so that a wrong one can be answered with the right figure. */

/** How each unit that settings use may be written. */
export const unitAliases = {
  ms: ['ms'],
  s: ['s', 'sec'],
  MB: ['MB'],
  '°C': ['°C', 'C'],
  'frames/s': ['frames/s', 'fps', '/s', 'Hz'],
  px: ['px'],
  'kB/s': ['kB/s', 'KB/s'],
} as const satisfies Record<string, readonly string[]>;

type Line = { readonly quantity: string; readonly factor: number; readonly offset?: number };

/** base = (value + offset) × factor; the bases are ms, MB, °C, frames/s, px and kB/s. */
const units: Record<string, Line> = {
  ...lines('time', { us: 1e-3, µs: 1e-3, ms: 1, s: 1e3, sec: 1e3, m: 6e4, min: 6e4, h: 3.6e6, d: 8.64e7 }),
  ...lines('size', { B: 1e-6, kB: 1e-3, KB: 1e-3, MB: 1, GB: 1e3, TB: 1e6, KiB: 0.001_024, MiB: 1.048_576, GiB: 1073.741_824 }),
  ...lines('size', { K: 0.001_024, M: 1.048_576, G: 1073.741_824 }),
  ...lines('rate', { 'frames/s': 1, fps: 1, '/s': 1, Hz: 1, 'frames/min': 1 / 60, '/min': 1 / 60, kHz: 1e3 }),
  ...lines('length', { px: 1 }),
  ...lines('speed', { 'B/s': 1e-3, 'kB/s': 1, 'KB/s': 1, 'MB/s': 1e3, 'kbit/s': 0.125, 'Mbit/s': 125 }),
  '°C': { quantity: 'temperature', factor: 1 },
  C: { quantity: 'temperature', factor: 1 },
  '°F': { quantity: 'temperature', factor: 5 / 9, offset: -32 },
  F: { quantity: 'temperature', factor: 5 / 9, offset: -32 },
};

function lines(quantity: string, factors: Record<string, number>): Record<string, Line> {
  return Object.fromEntries(Object.entries(factors).map(([unit, factor]) => [unit, { quantity, factor }]));
}

/** @returns the same amount in the other unit; undefined where the two measure different things, or the unit is not known */
export function convert(value: number, from: string, to: keyof typeof unitAliases): number | undefined {
  const source = Object.hasOwn(units, from) ? units[from] : undefined;
  const target = units[to];
  if (source === undefined || target === undefined || source.quantity !== target.quantity) return undefined;
  return ((value + (source.offset ?? 0)) * source.factor) / target.factor - (target.offset ?? 0);
}
