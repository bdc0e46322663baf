/** @file The Range header of RFC 9110, 14.2, for one range of bytes, which is all that a resumed download asks for. */

export type Range = { start: number; end: number };

/**
 * @returns the range within `size` bytes, both ends included; 'whole' where the header asks for nothing that we know (several ranges,
 * another unit: a server may ignore those); 'unsatisfiable' where it lies beyond the end.
 */
export function parseRange(header: string | undefined, size: number): Range | 'whole' | 'unsatisfiable' {
  const match = /^bytes=(\d{0,15})-(\d{0,15})$/.exec(header ?? '');
  if (match === null) return 'whole';
  const [, first = '', last = ''] = match;
  if (first === '' && last === '') return 'whole';
  if (first === '') {
    const length = Math.min(Number(last), size);
    return length === 0 ? 'unsatisfiable' : { start: size - length, end: size - 1 };
  }
  const start = Number(first);
  const end = last === '' ? size - 1 : Math.min(Number(last), size - 1);
  if (last !== '' && Number(last) < start) return 'whole';
  return start >= size ? 'unsatisfiable' : { start, end };
}
