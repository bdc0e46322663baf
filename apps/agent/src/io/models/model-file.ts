/** @file A variant file that an operator names. */
import { readFile, stat } from 'node:fs/promises';
import { maxModelBytes } from '@alpharho/mobilenet-core/device';
import { AlpharhoError, isAlpharhoError } from '@alpharho/protocol';
import type { ModelFile } from '../../domain/ports.ts';

/** Nothing is read before it is asked for. */
export function modelFile(path: string): ModelFile {
  return { path, read: () => read(path) };
}

async function read(file: string): Promise<Uint8Array> {
  try {
    const found = await stat(file);
    // Devices and pipes say nothing of their length: one that never ends would fill the memory.
    if (!found.isFile() || found.size > maxModelBytes) {
      const what = found.isFile() ? `has ${found.size} bytes, at most ${maxModelBytes} are read` : 'is not a regular file';
      throw new AlpharhoError('model_missing', `--model ${file} ${what}; expected a variant file (.onnx)`);
    }
    return await readFile(file);
  } catch (error) {
    if (isAlpharhoError(error)) throw error;
    const reason = error instanceof Error && 'code' in error ? String(error.code) : String(error);
    throw new AlpharhoError('model_missing', `--model ${file} cannot be read (${reason}); expected a variant file (.onnx)`, {
      cause: error,
    });
  }
}
