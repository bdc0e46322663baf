/** @file Files that commands read and write, with errors in words. */
import { access, constants, readFile, stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import { AlpharhoError, type ErrorCode } from '@alpharho/protocol';
import { systemCode, writeError } from '../files/disk-error.ts';
import { writeWhole } from '../files/write-whole.ts';
import { maxModelBytes } from '../graph/limits.ts';

/**
 * Reads a whole file.
 * @param what the file's role, for the error: "model", "label file"
 * @param maxBytes larger files are refused before they are read
 * @param code the error's code; "model_missing" for models
 * @throws AlpharhoError
 */
export async function readInput(path: string, what: string, maxBytes: number, code: ErrorCode = 'config_invalid'): Promise<Buffer> {
  try {
    const found = await stat(path);
    // Devices and pipes say nothing of their length: one that never ends would fill the memory.
    if (!found.isFile() && !found.isDirectory()) throw new AlpharhoError(code, `the ${what} ${path} is not a regular file`);
    if (found.size > maxBytes) throw new AlpharhoError(code, `the ${what} ${path} has ${found.size} bytes; at most ${maxBytes} are read`);
    return await readFile(path);
  } catch (cause) {
    if (cause instanceof AlpharhoError) throw cause;
    throw readError(cause, what, path, code);
  }
}

/** Does `work` on a file's content; its errors then name the file. */
export async function naming<T>(path: string, work: () => T | Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof AlpharhoError) throw new AlpharhoError(error.code, `${path}: ${error.message}`, { cause: error });
    throw error;
  }
}

/** @throws AlpharhoError model_missing (also where the file is too large), or model_not_variant for a TFLite file, with what to do */
export async function readOnnx(path: string): Promise<Buffer> {
  const bytes = await readInput(path, 'model', maxModelBytes, 'model_missing');
  if (bytes.toString('latin1', 4, 8) === 'TFL3') {
    throw new AlpharhoError('model_not_variant', `${path} is a TFLite file; convert it first: mobilenet import ${path} -o model.onnx`);
  }
  return bytes;
}

function readError(cause: unknown, what: string, path: string, code: ErrorCode): AlpharhoError {
  const reasons: Record<string, string> = {
    ENOENT: 'does not exist',
    EACCES: 'may not be read: check its permissions',
    EISDIR: 'is a folder, a file is expected',
  };
  return new AlpharhoError(code, `the ${what} ${path} ${reasons[systemCode(cause)] ?? `cannot be read: ${systemCode(cause)}`}`, {
    cause,
  });
}

/** Writes what a command makes: see `writeWhole`. */
export const writeOutput: (path: string, bytes: Uint8Array) => Promise<void> = writeWhole;

/**
 * Looks at an output before the work that fills it, which may take minutes. One that is the very file that the command reads, by
 * whatever name, is refused: what it is made of would be lost.
 * @throws AlpharhoError config_invalid or disk_read_only
 */
export async function checkOutput(input: string, output: string): Promise<void> {
  const [from, to] = await Promise.all([identity(input), identity(output)]);
  if (from !== undefined && from === to) {
    throw new AlpharhoError('config_invalid', `${output} is the file that is read; give --output another name`);
  }
  try {
    // The dot makes a file in the folder's place an error.
    await access(`${dirname(output)}/.`, constants.W_OK);
  } catch (cause) {
    throw writeError(cause, output);
  }
}

/** The same for each name of one file; nothing where there is none. */
async function identity(path: string): Promise<string | undefined> {
  try {
    const { dev, ino } = await stat(path, { bigint: true });
    return `${dev} ${ino}`;
  } catch {
    return undefined;
  }
}
