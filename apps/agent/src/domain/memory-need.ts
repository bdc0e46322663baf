/** @file Whether a variant fits into the memory that is left, before it is opened. */
import type { Variant } from '@alpharho/protocol';

/** A classifier's thread with the runtime in it, bytes. */
const threadBytes = 32e6;
/** The file, its weights in the runtime's own layout, and the frames' tensors between the layers. */
const timesFile = 3;

/** @param available what programs can still have, undefined where the board cannot tell @returns why it does not fit, in words */
export function memoryFault({ bytes }: Pick<Variant, 'bytes'>, available: number | undefined): string | undefined {
  const needed = threadBytes + timesFile * bytes;
  if (available === undefined || available >= needed) return undefined;
  const [needs, has] = [needed, available].map((count) => Math.ceil(count / 1e6));
  return `the variant needs about ${needs} MB of memory, ${has} MB are available`;
}
