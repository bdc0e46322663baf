/** @file `mobilenet adopt`: an operator's own ONNX classifier becomes a variant. */
import { basename } from 'node:path';
import { AlpharhoError, precisionName, variantName } from '@alpharho/protocol';
import { type Command, InvalidArgumentError, Option } from 'commander';
import { type Adopted, adoptOnnx } from '../adopt/adopt.ts';
import { labelsOfText } from '../adopt/names.ts';
import { type Softmax, softmaxChoices } from '../adopt/scores.ts';
import type { Layout } from '../adopt/sizes.ts';
import { type Colour, describeNames, type NormalisationName, normalisationNames } from '../image/normalisations.ts';
import { largestLabelFile } from '../import/labels.ts';
import { checkOutput, naming, readInput, readOnnx, writeOutput } from './files.ts';
import { findLabels } from './find-labels.ts';
import { interruptible } from './interrupt.ts';
import { type NormalisationOptions, normalisationOf, normalisationOptions } from './normalisation-options.ts';
import { jsonOption, number, rhoList } from './options.ts';
import { fileSize, print, printJson } from './output.ts';

interface AdoptCommandOptions extends NormalisationOptions<NormalisationName> {
  output: string;
  labels?: string;
  allowNumbered?: boolean;
  rho?: number;
  rhos?: number[];
  size?: { height: number; width: number };
  fit?: 'crop';
  layout?: Layout;
  colour?: Colour;
  softmax: Softmax | 'auto';
  outputName?: string;
  crop?: number;
  licence?: string;
  json?: boolean;
}

export function registerAdopt(program: Command): void {
  const command = program.command('adopt');
  command
    .description(
      "Make a variant of an ONNX image classifier of one's own: layout, colour order and normalisation go into the graph. The result is run beside the model, and must answer alike.",
    )
    .argument('<model.onnx>', 'the ONNX file, weights inside')
    .requiredOption('-o, --output <file>', 'where to write the variant; one that is there is replaced');
  normalisationOptions(command, `how the model wants its pixels: ${describeNames(normalisationNames)}`, normalisationNames)
    .addOption(new Option('--colour <order>', "order of the model's channels (default: rgb; bgr for caffe)").choices(['rgb', 'bgr']))
    .addOption(new Option('--layout <name>', 'where the channels stand, if the file does not tell').choices(['nchw', 'nhwc']))
    .addOption(new Option('--rho <pixels>', 'side of the image, if the file leaves it open').argParser(number))
    .addOption(
      new Option('--rhos <list>', 'every ρ to serve, --rho among them, if the file leaves it open: 224,192,160; tried at each').argParser(
        rhoList,
      ),
    )
    .addOption(
      new Option('--size <height>x<width>', 'in place of --rho: an image that is not square, such as 80x160')
        .argParser(sides)
        .conflicts('rho'),
    )
    .addOption(new Option('--fit <how>', 'for an image that is not square: crop shows the model the middle of the frame').choices(['crop']))
    .option('--output-name <name>', 'which output to take, if there are several')
    .addOption(
      new Option('--softmax <what>', 'what to put behind the scores: a softmax (logits), exp (log-probabilities), nothing')
        .choices(softmaxChoices)
        .default('auto'),
    )
    .option('--labels <file>', "one label a line, or JSON, in the order of the output (default: the file's metadata, or a list beside it)")
    .option('--allow-numbered', 'call the classes "class 0" and so on where nothing names them')
    .addOption(new Option('--crop <fraction>', 'central part of a photograph that the model is shown (default: 0.875)').argParser(number))
    .option('--licence <name>', 'licence of the weights, such as Apache-2.0');
  jsonOption(command).action(adopt);
}

async function adopt(path: string, options: AdoptCommandOptions): Promise<void> {
  const { output, json } = options;
  await checkOutput(path, output);
  const bytes = await readOnnx(path);
  const labels = options.labels === undefined ? undefined : await readLabelFile(options.labels);
  const normalisation = normalisationOf(options);
  const adopted = await interruptible((signal) =>
    naming(path, () => adoptOnnx(bytes, { ...settings(path, options), labels, normalisation, signal })),
  );
  await writeOutput(output, adopted.file);
  report(output, adopted, json);
}

function settings(path: string, options: AdoptCommandOptions) {
  const { allowNumbered, softmax, outputName, rho, rhos, size, fit, layout, colour, crop, licence } = options;
  const find = async (classes: number) => {
    const found = await findLabels(path, classes);
    return found && { labels: found.labels, from: `${found.path} (beside the model)` };
  };
  return {
    name: basename(path),
    findLabels: find,
    numbered: allowNumbered,
    softmax: softmax === 'auto' ? undefined : softmax,
    output: outputName,
    rho,
    rhos,
    size,
    fit,
    layout,
    colour,
    crop,
    licence,
  };
}

async function readLabelFile(path: string): Promise<string[]> {
  const labels = labelsOfText((await readInput(path, 'label file', largestLabelFile)).toString('utf8'));
  if (labels) return labels;
  throw new AlpharhoError(
    'config_invalid',
    `the label file ${path} is neither a list of names, one a line, nor JSON with a name for each index`,
  );
}

function report(output: string, { variant, labelsFrom, notes }: Adopted, json: boolean | undefined): void {
  if (json) {
    printJson({ file: output, labels: labelsFrom, notes, variant });
    return;
  }
  const { classes, sha256, precision, bytes } = variant;
  print(
    `${output}: ${variantName(variant)} ${precisionName(precision)}, ${classes} classes, ${fileSize(bytes)}, sha256 ${sha256}`,
    ...notes,
  );
}

function sides(text: string): { height: number; width: number } {
  const [, height, width] = /^(\d{1,5})[x×](\d{1,5})$/.exec(text) ?? [];
  if (height === undefined || width === undefined) throw new InvalidArgumentError('Height and width are expected, such as 80x160.');
  return { height: Number(height), width: Number(width) };
}
