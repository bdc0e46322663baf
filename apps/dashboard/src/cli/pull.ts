/** @file `alpharho variants pull`: models that their authors publish enter the registry. */
import { randomUUID } from 'node:crypto';
import { mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { pullVariant } from '@alpharho/mobilenet-core';
import { AlpharhoError, isAlpharhoError } from '@alpharho/protocol';
import { Command, Option } from 'commander';
import { loadConfig, uploadsFolder } from '../server/config.ts';
import { withAlpharhoErrors } from '../server/errors.ts';
import type { Checker } from '../server/registry/checker.ts';
import type { Registry } from '../server/registry.ts';
import { type Uploaded, uploadVariant } from '../server/services/upload-variant.ts';
import { readLabels } from './upload-flags.ts';

export type PullFlags = { labels?: string; mirror?: string; from?: string; cache?: string; acceptChanged?: true };

export function pullCommand(run: (names: string[], flags: PullFlags) => Promise<void>): Command {
  return new Command('pull')
    .description('fetch published models and add them; "mobilenet zoo list" names them. An interrupted download goes on where it was')
    .argument('<name...>', 'such as v1_0.25_128_quant')
    .option('--labels <file>', '1001 class names, background first (default: the authors’ list is fetched)')
    .addOption(
      new Option('--mirror <address>', 'ask this address in place of https://storage.googleapis.com; the path stays').conflicts('from'),
    )
    .option('--from <folder>', 'take the archives out of this folder, where they lie under their own names; nothing is downloaded')
    .option('--cache <folder>', 'folder of what was pulled before (default: alpharho/zoo in the cache folder of your user)')
    .option('--accept-changed', 'take what has no published digest though it is another than on first use')
    .action((names: string[], flags: PullFlags) => run(names, flags));
}

/** @throws AlpharhoError what pulling, checking and storing throw, with what to do next */
export async function pullInto(registry: Registry, checker: Checker, name: string, flags: PullFlags): Promise<Uploaded> {
  const labels = flags.labels === undefined ? undefined : await readLabels(flags.labels);
  const onRetry = (reason: string) => console.error(`  ${reason}; trying again`);
  const { file } = await pullVariant(name, { ...flags, labels, onProgress, onRetry }).catch(advise);
  if (process.stderr.isTTY) process.stderr.write('\r\u001b[K');
  const folder = uploadsFolder(loadConfig());
  const path = join(folder, `${randomUUID()}.onnx`);
  return withAlpharhoErrors(async () => {
    await mkdir(folder, { recursive: true, mode: 0o700 });
    try {
      await writeFile(path, file, { mode: 0o600 });
      return await uploadVariant(registry, checker, { path, options: { name } });
    } finally {
      await rm(path, { force: true });
    }
  });
}

function onProgress(bytes: number, total: number | undefined, what: 'model' | 'labels'): void {
  if (!process.stderr.isTTY) return;
  const mega = (count: number) => (count / 1e6).toFixed(1);
  process.stderr.write(
    `\r\u001b[K  ${what === 'labels' ? 'class names' : 'model'}: ${mega(bytes)}${total === undefined ? '' : ` of ${mega(total)}`} MB`,
  );
}

function advise(error: unknown): never {
  if (!isAlpharhoError(error, 'download_failed')) throw error;
  const advice = 'nothing was added. --mirror asks another address, --from takes archives that were fetched otherwise';
  throw new AlpharhoError('download_failed', `${error.message}; ${advice}`, { cause: error });
}
