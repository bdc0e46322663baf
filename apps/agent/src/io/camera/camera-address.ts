/** @file `kind:target?key=value&…`, as cameras are written behind --camera. */
import { AlpharhoError } from '@alpharho/protocol';
import { z } from 'zod';
import { quantity } from '../../settings/kinds.ts';

/** `1280x720` */
export const sizeSchema = z
  .string()
  .regex(/^[1-9]\d{1,4}x[1-9]\d{1,4}$/, 'expected width x height, like 1280x720')
  .transform((text) => {
    const [width, height] = text.split('x').map(Number) as [number, number];
    return { width, height };
  });
export type Size = z.output<typeof sizeSchema>;

/** As `--rate` takes it. */
export const rateSchema = quantity({
  expected: 'a number of frames a second, above 0 and up to 1000',
  above: 0,
  max: 1000,
  unit: 'frames/s',
});

/** What stands before and behind the first question mark. */
export function splitAddress(address: string): { target: string; query: string } {
  const at = address.indexOf('?');
  return at < 0 ? { target: address, query: '' } : { target: address.slice(0, at), query: address.slice(at + 1) };
}

/** @param expected an address that would be right. @throws AlpharhoError config_invalid that names the key */
export function parseQuery<T>(source: string, query: string, schema: z.ZodType<T>, expected: string): T {
  const parsed = schema.safeParse(Object.fromEntries(new URLSearchParams(query)));
  if (parsed.success) return parsed.data;
  const issue = parsed.error.issues[0];
  throw invalidAddress(source, `${issue?.path.join('.') ?? ''}: ${issue?.message ?? 'not usable'}`.replace(/^: /, ''), expected);
}

export function invalidAddress(source: string, what: string, expected: string): AlpharhoError {
  return new AlpharhoError('config_invalid', `--camera ${source}: ${what}; expected ${expected}`);
}
