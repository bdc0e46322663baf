/** @file `alpharho variants`: the registry of model files, from the command line. */
import { readFile, stat } from 'node:fs/promises';
import { maxModelBytes } from '@alpharho/mobilenet-core';
import { AlpharhoError, isAlpharhoError, variantLabel } from '@alpharho/protocol';
import { Command } from 'commander';
import { type Config, loadConfig } from '../server/config.ts';
import { prepareDataFolder, withDatabase } from '../server/data-folder.ts';
import { withAlpharhoErrors } from '../server/errors.ts';
import { withRegistry } from '../server/registry.ts';
import { addVariant } from '../server/services/add-variant.ts';
import { type ListedVariant, listVariants } from '../server/services/list-variants.ts';
import { toWireVariant } from '../server/wire-variant.ts';

export function variantsCommand(): Command {
  const add = new Command('add')
    .description('add variant files (ONNX, as "mobilenet import" writes them), so that devices can be given them')
    .argument('<file...>')
    .action((files: string[]) => addFiles(loadConfig(), files));
  const list = new Command('list')
    .description('list the variants that the registry knows')
    .option('--json', 'print JSON')
    .action((options: { json?: true }) => printList(loadConfig(), options.json === true));
  return new Command('variants').description('manage the registry of variants').addCommand(add).addCommand(list);
}

/** One bad file does not keep the others out; the exit code tells that there was one. */
async function addFiles(config: Config, files: string[]): Promise<void> {
  await prepareDataFolder(config);
  await withRegistry(config, async (registry) => {
    for (const file of files) {
      try {
        const bytes = await readModel(file);
        const row = await withAlpharhoErrors(() => addVariant(registry, bytes));
        console.log(`${row.id.slice(0, 12)}  ${label(row)}  ${file}`);
      } catch (error) {
        if (!isAlpharhoError(error)) throw error;
        console.error(`alpharho: ${file}: ${error.message}`);
        process.exitCode = 1;
      }
    }
  });
}

async function readModel(file: string): Promise<Uint8Array> {
  try {
    const found = await stat(file);
    if (!found.isFile()) throw new AlpharhoError('model_missing', 'is not a regular file');
    if (found.size > maxModelBytes) {
      throw new AlpharhoError('model_not_variant', `has ${found.size} bytes; a variant file has at most ${maxModelBytes}`);
    }
    return await readFile(file);
  } catch (cause) {
    if (isAlpharhoError(cause)) throw cause;
    throw new AlpharhoError('model_missing', `cannot be read (${(cause as NodeJS.ErrnoException).code})`, { cause });
  }
}

async function printList(config: Config, json: boolean): Promise<void> {
  await prepareDataFolder(config);
  const variants = await withDatabase(config, listVariants);
  if (json)
    console.log(
      JSON.stringify(
        variants.map(({ labels, ...variant }) => variant),
        null,
        2,
      ),
    );
  else if (variants.length === 0) console.log('No variants yet; add one with "alpharho variants add FILE.onnx".');
  else console.log(table(variants));
}

function table(variants: readonly ListedVariant[]): string {
  const header = ['id', 'variant', 'multiply-adds', 'bytes', 'file', 'serving'];
  const rows = variants.map((variant) => [
    variant.id.slice(0, 12),
    label(variant),
    variant.multiplyAdds === null ? '—' : `${(variant.multiplyAdds / 1e6).toFixed(0)} M`,
    variant.bytes.toLocaleString('en'),
    variant.stored ? 'stored' : 'on a device',
    `${variant.servedBy} ${variant.servedBy === 1 ? 'device' : 'devices'}`,
  ]);
  const widths = header.map((title, column) => Math.max(title.length, ...rows.map((row) => row[column]?.length ?? 0)));
  return [header, ...rows]
    .map((row) =>
      row
        .map((cell, column) => cell.padEnd(widths[column] ?? 0))
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
}

function label(row: Omit<ListedVariant, 'servedBy'>): string {
  const variant = toWireVariant(row);
  return `${variantLabel(variant)}${variant.weights === 'random' ? ' untrained' : ''}`;
}
