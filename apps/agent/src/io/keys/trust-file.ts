/** @file A key set that the operator names, or that enrolment left behind. */
import { AlpharhoError, type Keys, keysSchema } from '@alpharho/protocol';
import type { TrustFile } from '../../domain/ports.ts';
import { systemCode } from '../system/disk-error.ts';
import { readSmall } from '../system/read-small.ts';
import { writeWhole } from '../system/write-whole.ts';

/** More than a set can take on its topic. */
const maxBytes = 128 * 1024;

/** Nothing is read before it is asked for. */
export function trustFile(path: string): TrustFile {
  return { path, read: () => read(path) };
}

/** Everybody may read it: it holds public keys alone. @throws AlpharhoError disk_full or disk_read_only */
export function writeTrustFile(path: string, keys: Keys): Promise<void> {
  return writeWhole(path, `${JSON.stringify(keys)}\n`, { mode: 0o644 });
}

async function read(path: string): Promise<Keys> {
  const refuse = (why: string, cause?: unknown): AlpharhoError =>
    new AlpharhoError('config_invalid', `--trust ${path} ${why}; expected a key set, as "alpharho-agent enroll" writes it`, { cause });
  const text = await readSmall(path, maxBytes).catch((error: unknown) => {
    throw refuse(`cannot be read (${systemCode(error) ?? String(error)})`, error);
  });
  try {
    return keysSchema.parse(JSON.parse(text ?? ''));
  } catch (error) {
    throw refuse(text === undefined ? `has more than ${maxBytes} bytes` : 'is no key set', error);
  }
}
