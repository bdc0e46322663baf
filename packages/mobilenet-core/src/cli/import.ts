/** @file `mobilenet import`: an official TFLite file becomes a variant. */
import { basename } from 'node:path';
import { precisionName, variantName } from '@alpharho/protocol';
import { type Command, Option } from 'commander';
import type { WeightStorage } from '../import/convert/lowering.ts';
import { type Imported, importTflite, largestTflite } from '../import/import.ts';
import { naming, readInput, writeOutput } from './files.ts';
import { findLabels, readLabels } from './find-labels.ts';
import { jsonOption } from './options.ts';
import { fileSize, print, printJson } from './output.ts';

interface ImportCommandOptions {
  output: string;
  labels?: string;
  weights: WeightStorage;
  json?: boolean;
}

/** A conversion, and in words where its class names are from. */
type Labelled = Imported & { labels: string };

export function registerImport(program: Command): void {
  const command = program
    .command('import')
    .description('Convert a TFLite MobileNet (float32, uint8 or int8) into a variant file.')
    .argument('<model.tflite>', 'the TFLite file')
    .requiredOption('-o, --output <file>', 'where to write the ONNX file; one that is there is replaced')
    .option(
      '--labels <file>',
      'a text file with one label a line, in the order of the outputs (default: the list in the TFLite file, or one beside it)',
    )
    .addOption(
      new Option('--weights <type>', 'how to store quantized weights; uint8 gives the same results, on most machines slower')
        .choices(['int8', 'uint8'])
        .default('int8'),
    );
  jsonOption(command).action(importModel);
}

async function importModel(path: string, { output, json, ...options }: ImportCommandOptions): Promise<void> {
  const bytes = await readInput(path, 'model', largestTflite, 'model_missing');
  const { file, variant, labels, labelsFrom } = await convert(path, bytes, options);
  await writeOutput(output, file);
  if (labelsFrom.source === 'none') {
    process.stderr.write(
      `mobilenet: no labels found in or beside ${path}: classes are called "class 0" and so on; --labels <file> gives names\n`,
    );
  }
  if (json) return printJson({ file: output, labels, variant });
  const { classes, sha256, precision } = variant;
  print(
    `${output}: ${variantName(variant)} ${precisionName(precision)}, ${classes} classes, ${fileSize(variant.bytes)}, sha256 ${sha256}`,
    `labels: ${labels}`,
  );
}

async function convert(path: string, bytes: Uint8Array, options: Pick<ImportCommandOptions, 'labels' | 'weights'>): Promise<Labelled> {
  const name = basename(path);
  const { weights } = options;
  const given = options.labels === undefined ? undefined : await readLabels(options.labels);
  const first = await naming(path, () => importTflite(bytes, { name, weights, ...(given ? { labels: given } : {}) }));
  if (first.labelsFrom.source === 'given') return { ...first, labels: String(options.labels) };
  if (first.labelsFrom.source === 'metadata') return { ...first, labels: `${first.labelsFrom.entry} in ${path}` };
  const beside = await findLabels(path, first.variant.classes);
  if (!beside) return { ...first, labels: 'none' };
  return { ...importTflite(bytes, { name, weights, labels: beside.labels }), labels: `${beside.path} (beside the model)` };
}
