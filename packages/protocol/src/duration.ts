/** @file Spans of time as people write them in a file: "15min", "2h", or milliseconds. */
import { z } from 'zod';

const units = { ms: 1, s: 1_000, min: 60_000, h: 3_600_000, d: 86_400_000 } as const;
type Unit = keyof typeof units;

/** @returns a schema that reads a span into milliseconds */
export function durationSchema(min: number, max: number) {
  const limits = z.number().int().min(min).max(max);
  const text = z
    .string()
    .regex(/^\d{1,9} ?(ms|s|min|h|d)$/, 'expected a time like "90s", "15min", "2h", "7d", or milliseconds')
    .transform((written) => {
      const [, count, unit] = /^(\d+) ?([a-z]+)$/.exec(written) ?? [];
      return Number(count) * units[unit as Unit];
    })
    .pipe(limits);
  return z.union([limits, text]);
}
