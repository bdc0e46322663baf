/** @file Errors of the file system, in words of ours. */
import { AlpharhoError, type ErrorCode, isAlpharhoError } from '@alpharho/protocol';

const codes: Record<string, ErrorCode> = {
  ENOSPC: 'disk_full',
  EDQUOT: 'disk_full',
  EFBIG: 'disk_full',
  EROFS: 'disk_read_only',
  EACCES: 'disk_read_only',
  EPERM: 'disk_read_only',
  ENOTDIR: 'disk_read_only',
  // mkdir where a file has the folder's name.
  EEXIST: 'disk_read_only',
};

const words: Partial<Record<ErrorCode, string>> = {
  disk_full: 'the disk is full; free space and the agent goes on by itself',
  disk_read_only: 'cannot be written; check its owner and mount options',
};

/** @param path what was being written. @returns disk_full, disk_read_only, or internal for what has no name here */
export function diskError(path: string, error: unknown): AlpharhoError {
  if (isAlpharhoError(error)) return error;
  const system = systemCode(error);
  const code = codes[system ?? ''] ?? 'internal';
  const detail = words[code] ?? (error instanceof Error ? error.message : String(error));
  return new AlpharhoError(code, `${path}: ${detail}${system === undefined ? '' : ` (${system})`}`, { cause: error });
}

/** `ENOENT` and its kin; undefined where the error is not of the system. */
export function systemCode(error: unknown): string | undefined {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : undefined;
}
