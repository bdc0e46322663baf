/** @file `mobilenet import`: an official TFLite file becomes a variant. */
import { basename } from 'node:path';
import { precisionName, variantName } from '@alpharho/protocol';
import { type Command, Option } from 'commander';
import type { OwnNormalisation } from '../adopt/pixels.ts';
import { describeNames } from '../image/normalisations.ts';
import type { WeightStorage } from '../import/convert/lowering.ts';
import { type Imported, type ImportOptions, importTflite, largestTflite } from '../import/import.ts';
import { type ChosenNormalisation, type TfliteNormalisationName, tfliteNormalisationNames } from '../import/normalisation.ts';
import { checkOutput, naming, readInput, writeOutput } from './files.ts';
import { findLabels, readLabels } from './find-labels.ts';
import { type NormalisationOptions, normalisationOf, normalisationOptions } from './normalisation-options.ts';
import { jsonOption, number, rhoList } from './options.ts';
import { fileSize, print, printJson } from './output.ts';

interface ImportCommandOptions extends NormalisationOptions<TfliteNormalisationName | 'bytes'> {
  output: string;
  labels?: string;
  weights: WeightStorage;
  crop?: number;
  rhos?: number[];
  json?: boolean;
}

/** A conversion, and in words where its class names are from. */
type Labelled = Imported & { labels: string };

export function registerImport(program: Command): void {
  const command = program.command('import');
  command
    .description('Convert a TFLite image classifier (float32, uint8 or int8; RGB or grey) into a variant file.')
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
    )
    .addOption(
      new Option(
        '--rhos <list>',
        "every ρ that the variant is to serve, such as 224,192,160,128; at any but the file's own the weights see less well (default: its own alone)",
      ).argParser(rhoList),
    );
  const pixels = `what a byte of the picture stands for: ${describeNames(tfliteNormalisationNames)}, bytes (as they are, into a quantized input); default: what the file says or is known for`;
  normalisationOptions(command, pixels, [...tfliteNormalisationNames, 'bytes']).addOption(
    new Option('--crop <fraction>', 'central part of a photograph that the model is shown (default: 0.875)').argParser(number),
  );
  jsonOption(command).action(importModel);
}

/** The library counts a TFLite file's means in bytes, as TFLite's metadata does. */
function inBytes(given: TfliteNormalisationName | 'bytes' | OwnNormalisation | undefined): Pick<ImportOptions, 'normalisation'> {
  if (given === undefined) return {};
  if (typeof given === 'string') return { normalisation: given };
  const scaled = (values: number[]) => values.map((value) => (given.range === 255 ? value : value * 255));
  return { normalisation: { mean: scaled(given.mean), std: scaled(given.std) } };
}

const saidBy: Record<ChosenNormalisation['from'], string> = {
  given: 'as told',
  metadata: "as the file's metadata says",
  quantization: "as the input's quantization says",
  architecture: 'as this network was trained',
  assumed: 'assumed: nothing in the file says; --normalisation changes it',
};

async function importModel(path: string, options: ImportCommandOptions): Promise<void> {
  const { output, json } = options;
  await checkOutput(path, output);
  const bytes = await readInput(path, 'model', largestTflite, 'model_missing');
  const { file, variant, labels, labelsFrom, input } = await convert(path, bytes, options);
  await writeOutput(output, file);
  if (labelsFrom.source === 'none') {
    process.stderr.write(
      `mobilenet: no labels found in or beside ${path}: classes are called "class 0" and so on; --labels <file> gives names\n`,
    );
  }
  if (json) return printJson({ file: output, labels, input, variant });
  const { classes, sha256, precision } = variant;
  print(
    `${output}: ${variantName(variant)} ${precisionName(precision)}, ${classes} classes, ${fileSize(variant.bytes)}, sha256 ${sha256}`,
    `labels: ${labels}`,
    `input: ${input.description} (${saidBy[input.from]})`,
    ...(variant.rhos.length > 1 ? [`serves: ρ ${variant.rhos.join(', ')}; trained at ${variant.rho}`] : []),
  );
}

async function convert(path: string, bytes: Uint8Array, options: ImportCommandOptions): Promise<Labelled> {
  const given = options.labels === undefined ? undefined : await readLabels(options.labels);
  const common: ImportOptions = {
    name: basename(path),
    weights: options.weights,
    ...inBytes(normalisationOf(options)),
    ...(options.crop === undefined ? {} : { crop: options.crop }),
    ...(options.rhos === undefined ? {} : { rhos: options.rhos }),
  };
  const first = await naming(path, () => importTflite(bytes, { ...common, ...(given ? { labels: given } : {}) }));
  if (first.labelsFrom.source === 'given') return { ...first, labels: String(options.labels) };
  if (first.labelsFrom.source === 'metadata') return { ...first, labels: `${first.labelsFrom.entry} in ${path}` };
  const beside = await findLabels(path, first.variant.classes);
  if (!beside) return { ...first, labels: 'none' };
  return { ...importTflite(bytes, { ...common, labels: beside.labels }), labels: `${beside.path} (beside the model)` };
}
