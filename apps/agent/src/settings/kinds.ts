/**
 * @file The kinds of value that a setting can have, read from text: a flag's, a variable's, or what stands in the file. Their
 * messages say what would be right.
 */
import { z } from 'zod';
import { convert, unitAliases } from './units.ts';

/** Longer than any path, address or pipeline; shorter than what could hurt. */
const maxText = 4096;

class Wrong {
  readonly message: string;
  constructor(message: string) {
    this.message = message;
  }
}

function kind<T>(read: (value: unknown) => T | Wrong) {
  return z.unknown().transform((value, context): T => {
    const found = read(value);
    if (!(found instanceof Wrong)) return found;
    context.issues.push({ code: 'custom', message: found.message, input: value });
    return z.NEVER;
  });
}

/** @param expected what would be right, as in "expected …" @param pattern of the whole text */
export function text(expected: string, pattern: RegExp = /./) {
  return kind((value) => {
    if (typeof value !== 'string' || !pattern.test(value)) return new Wrong(`expected ${expected}`);
    return value.length <= maxText ? value : new Wrong(`expected ${expected}, of ${maxText} characters at most`);
  });
}

/** An absolute URL of one of these protocols. */
export function address(expected: string, protocols: readonly string[]) {
  return kind((value) => {
    if (typeof value !== 'string' || value.length > maxText || !URL.canParse(value)) return new Wrong(`expected ${expected}`);
    const { protocol, hostname } = new URL(value);
    return protocols.includes(protocol.slice(0, -1)) && hostname !== '' ? value : new Wrong(`expected ${expected}`);
  });
}

export function choice<const T extends string>(...choices: readonly T[]) {
  const expected = `expected ${choices.join(', ')}`;
  return kind((value) => choices.find((one) => one === value) ?? new Wrong(expected));
}

const words = new Map<string, boolean>([
  ['true', true],
  ['yes', true],
  ['on', true],
  ['1', true],
  ['false', false],
  ['no', false],
  ['off', false],
  ['0', false],
]);

/** On or off. */
export function flag() {
  return kind((value) => words.get(String(value).toLowerCase()) ?? new Wrong('expected true or false'));
}

export type QuantityOptions = {
  /** As in "expected …". */
  readonly expected: string;
  readonly min?: number;
  readonly max: number;
  /** Not even the least value itself. */
  readonly above?: number;
  readonly whole?: boolean;
  /** The unit that a bare number is in; it may be written behind the number as well. */
  readonly unit?: keyof typeof unitAliases;
};

/** A number, with or without its unit. */
export function quantity(options: QuantityOptions) {
  return kind((value) => readQuantity(value, options));
}

const numeral = /^([+-]?(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?)\s*(\S*)$/i;

function readQuantity(given: unknown, options: QuantityOptions): number | Wrong {
  const { expected, unit } = options;
  const wrong = new Wrong(`expected ${expected}`);
  const match = typeof given === 'string' && given.length <= 64 ? numeral.exec(given.trim()) : null;
  if (match === null) return wrong;
  const value = Number(match[1]);
  const suffix = match[2] ?? '';
  if (suffix === '' || (unit !== undefined && unitAliases[unit].some((one) => one === suffix))) return fits(value, options) ? value : wrong;
  if (unit === undefined) return wrong;
  const converted = convert(value, suffix, unit);
  if (converted === undefined || !fits(converted, options)) return wrong;
  return new Wrong(`expected ${expected}; ${value} ${suffix} would be ${Number(converted.toPrecision(6))}`);
}

function fits(value: number, { min, max, above, whole }: QuantityOptions): boolean {
  if (!Number.isFinite(value) || value > max) return false;
  if ((min !== undefined && value < min) || (above !== undefined && value <= above)) return false;
  return whole !== true || Number.isInteger(value);
}

/** Several of one kind: separated by commas, or a list in the file. */
export function list<T>(expected: string, item: z.ZodType<T>, max: number) {
  return kind((value): readonly T[] | Wrong => {
    const parts = Array.isArray(value)
      ? value
      : String(value)
          .split(',')
          .map((part) => part.trim());
    const parsed = parts.length <= max ? parts.map((part) => item.safeParse(part)) : [];
    const good = parsed.flatMap((one) => (one.success ? [one.data] : []));
    return good.length === parts.length && good.length > 0 ? good : new Wrong(`expected ${expected}`);
  });
}
