/** @file Opens a variant file for a command. */
import { AlpharhoError } from '@alpharho/protocol';
import { InvalidArgumentError, Option } from 'commander';
import { maxModelBytes } from '../graph/decode.ts';
import { type Classifier, createClassifier } from '../runtime/classifier.ts';
import { readInput } from './files.ts';

/** `--threads`, shared by all commands that run a model. */
export const threadsOption = () =>
  new Option('--threads <number>', 'threads that work on one inference').argParser(positiveInteger(64)).default(1);

/** Parses a whole number from 1 to `most`. */
export function positiveInteger(most: number): (text: string) => number {
  return (text) => {
    const value = Number(text);
    if (!/^\d+$/.test(text) || value < 1 || value > most) throw new InvalidArgumentError(`A whole number from 1 to ${most} is expected.`);
    return value;
  };
}

/** @throws AlpharhoError model_missing | model_corrupt | model_not_variant | warmup_failed, each naming the file */
export async function openClassifier(path: string, threads: number): Promise<Classifier> {
  const bytes = await readInput(path, 'model', maxModelBytes);
  if (bytes.toString('latin1', 4, 8) === 'TFL3') {
    throw new AlpharhoError('model_not_variant', `${path} is a TFLite file; convert it first: mobilenet import ${path} -o model.onnx`);
  }
  try {
    return await createClassifier(bytes, { threads });
  } catch (error) {
    if (error instanceof AlpharhoError) throw new AlpharhoError(error.code, `${path}: ${error.message}`, { cause: error });
    throw error;
  }
}
