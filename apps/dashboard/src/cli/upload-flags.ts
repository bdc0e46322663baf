/** @file What the command line says of a model that its file does not tell: flags in, options of an upload out. */
import { readFile, stat } from 'node:fs/promises';
import { parseLabels } from '@alpharho/mobilenet-core';
import { AlpharhoError } from '@alpharho/protocol';
import { type Command, InvalidArgumentError, Option } from 'commander';
import { z } from 'zod';
import { normalisationChoices, readUploadOptions, softmaxChoices, type UploadOptions } from '../server/registry/upload-options.ts';

export type UploadFlags = {
  labels?: string;
  numbered?: true;
  normalisation?: string;
  mean?: number[];
  std?: number[];
  range?: string;
  colour?: string;
  layout?: string;
  softmax?: string;
  outputName?: string;
  rho?: number;
  rhos?: number[];
  size?: { height: number; width: number };
  crop?: number;
  licence?: string;
};

/** As a list of 100 000 long names would be. */
const largestLabelFile = 8_000_000;

export function uploadFlags(command: Command): Command {
  const numbers = (text: string) =>
    text
      .split(/[\s,]+/)
      .filter((part) => part !== '')
      .map(number);
  return command
    .option('--labels <file>', 'class names, one a line or a JSON list, in the order of the outputs')
    .option('--numbered', 'call the classes "class 0" and so on where nothing names them')
    .addOption(new Option('--normalisation <name>', 'how the model wants its pixels').choices(normalisationChoices))
    .addOption(
      new Option('--mean <numbers>', 'in place of --normalisation: one number, or one a channel')
        .argParser(numbers)
        .conflicts('normalisation'),
    )
    .addOption(new Option('--std <numbers>', 'goes with --mean').argParser(numbers))
    .addOption(new Option('--range <most>', 'what --mean and --std count pixels up to').choices(['1', '255']))
    .addOption(new Option('--colour <order>', "order of the model's channels").choices(['rgb', 'bgr']))
    .addOption(new Option('--layout <name>', 'where the channels stand, if the file does not tell').choices(['nchw', 'nhwc']))
    .addOption(new Option('--softmax <what>', 'what to put behind the scores, if it is not found out').choices(softmaxChoices))
    .option('--output-name <name>', 'which output to take, if there are several')
    .addOption(new Option('--rho <pixels>', 'side of the image, if the file leaves it open').argParser(number))
    .addOption(new Option('--rhos <list>', 'every ρ to serve: 224,192,160').argParser(numbers))
    .addOption(
      new Option('--size <height>x<width>', 'in place of --rho: an image that is not square, cropped out of the frame')
        .argParser(sides)
        .conflicts('rho'),
    )
    .addOption(new Option('--crop <fraction>', 'central part of a photograph that the model is shown').argParser(number))
    .option('--licence <name>', 'licence of the weights, such as Apache-2.0');
}

/** @param name of the file, for its provenance @throws AlpharhoError config_invalid */
export async function uploadOptions(name: string, flags: UploadFlags): Promise<UploadOptions> {
  const { labels, numbered, normalisation, mean, std, range, outputName: output, size, ...rest } = flags;
  if ((mean === undefined) !== (std === undefined)) throw new AlpharhoError('config_invalid', '--mean and --std go together');
  const own = mean && { mean, std, ...(range && { range: Number(range) }) };
  const said = {
    ...rest,
    name,
    labels: labels === undefined ? undefined : await readLabels(labels),
    numbered,
    normalisation: own ?? normalisation,
    output,
    size,
    fit: size && 'crop',
  };
  return readUploadOptions(Object.fromEntries(Object.entries(said).filter(([, value]) => value !== undefined)));
}

/** @throws AlpharhoError config_invalid */
export async function readLabels(path: string): Promise<string[]> {
  const { size } = await stat(path).catch((cause: NodeJS.ErrnoException) => {
    throw new AlpharhoError('config_invalid', `--labels ${path} cannot be read (${cause.code})`, { cause });
  });
  if (size > largestLabelFile) throw new AlpharhoError('config_invalid', `--labels ${path} has ${size} bytes: that is no list of labels`);
  const text = await readFile(path, 'utf8');
  if (!/^\s*\[/.test(text)) return parseLabels(text);
  try {
    return z.array(z.string()).parse(JSON.parse(text));
  } catch (cause) {
    throw new AlpharhoError('config_invalid', `--labels ${path} begins as a JSON list and is none of names`, { cause });
  }
}

function number(text: string): number {
  const value = Number(text);
  if (text.trim() === '' || !Number.isFinite(value)) throw new InvalidArgumentError('A number is expected.');
  return value;
}

function sides(text: string): { height: number; width: number } {
  const [, height, width] = /^(\d{1,5})[x×](\d{1,5})$/.exec(text) ?? [];
  if (height === undefined || width === undefined) throw new InvalidArgumentError('Height and width are expected, such as 80x160.');
  return { height: Number(height), width: Number(width) };
}
