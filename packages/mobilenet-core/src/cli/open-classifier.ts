/** @file Opens a variant file for a command. */
import { InvalidArgumentError, Option } from 'commander';
import { type Classifier, createClassifier } from '../runtime/classifier.ts';
import { naming, readOnnx } from './files.ts';

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
export async function openClassifier(path: string, threads: number, rho?: number): Promise<Classifier> {
  const bytes = await readOnnx(path);
  return naming(path, () => createClassifier(bytes, { threads, ...(rho === undefined ? {} : { rho }) }));
}
