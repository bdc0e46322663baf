/** @file `mobilenet shrink` and `mobilenet expand`: a variant made small for its way to the device, and back. */
import { AlpharhoError, precisionName, variantName } from '@alpharho/protocol';
import { type Command, Option } from 'commander';
import { maxModelBytes } from '../graph/limits.ts';
import { remembered } from '../quantize/frames.ts';
import { expandVariant, isShrunk } from '../shrink/expand.ts';
import { type WeightMoments, weightMoments } from '../shrink/moments.ts';
import { checkSettings, type ShrinkMethod, type ShrinkSettings, settingsName } from '../shrink/settings.ts';
import { shrinkVariant } from '../shrink/shrink.ts';
import { type SweepRow, sweep } from '../shrink/sweep.ts';
import { readVariant } from '../variant/read.ts';
import { checkOutput, naming, readInput, readOnnx, writeOutput } from './files.ts';
import { type FrameOptions, frameOptions, type SplitFrames, splitFrames } from './frame-options.ts';
import { interruptible } from './interrupt.ts';
import { positiveInteger, threadsOption } from './open-classifier.ts';
import { jsonOption, number } from './options.ts';
import { fileSize, print, printJson, table } from './output.ts';
import { progressOn } from './progress.ts';

interface ShrinkCommandOptions extends FrameOptions {
  output?: string;
  codebook?: number;
  bits?: number;
  hash?: number;
  prune?: number;
  allLayers?: boolean;
  sweep?: boolean;
  frames: number;
  threads: number;
  json?: boolean;
}

/** Frames whose statistics guide the rounding. */
const defaultFrames = 64;

export function registerShrink(program: Command): void {
  const command = program
    .command('shrink')
    .description('Make a variant small for its way to the device; "mobilenet expand" gives an ordinary variant back. Nothing is retrained.')
    .argument('<model.onnx>', 'a variant file, float32 or quantized')
    .option('-o, --output <file>', 'where to write the shrunk file; one that is there is replaced')
    .addOption(
      new Option('--codebook <values>', 'the weights of a layer share this many values, 2 to 256 (k-means)').argParser(
        positiveInteger(256),
      ),
    )
    .addOption(new Option('--bits <number>', 'evenly spaced levels of 2 to 8 bits a weight').argParser(positiveInteger(8)))
    .addOption(
      new Option('--hash <weights>', 'this many weights share one value, which ones says a hash (2 to 1024)').argParser(
        positiveInteger(1024),
      ),
    )
    .addOption(
      new Option('--prune <share>', 'make this share of the weights zero, the smallest of each layer; 0 to 0.95').argParser(number),
    )
    .option('--all-layers', 'treat the first and the depthwise layers alike, which otherwise keep 8 bits')
    .option('--sweep', 'instead of writing a file, print size against accuracy of many settings')
    .addOption(
      new Option('--frames <number>', 'pictures of the folder that guide the rounding, spread evenly; a sweep is measured on the others')
        .argParser(positiveInteger(100_000))
        .default(defaultFrames),
    );
  frameOptions(command, 'guide the rounding with').addOption(threadsOption());
  jsonOption(command).action(shrink);
}

async function shrink(path: string, options: ShrinkCommandOptions): Promise<void> {
  const settings = settingsOf(options);
  const bytes = await readOnnx(path);
  if (options.sweep) return sweepSizes(path, bytes, options);
  if (options.output === undefined) throw new AlpharhoError('config_invalid', 'give -o <file> for the shrunk file, or --sweep for a table');
  const { output } = options;
  await checkOutput(path, output);
  const shrunk = await naming(path, () =>
    interruptible(async (signal) => shrinkVariant(bytes, settings, await guide(bytes, options, signal))),
  );
  const variant = readVariant(expandVariant(shrunk));
  await writeOutput(output, shrunk);
  const ratio = bytes.length / shrunk.length;
  if (options.json) return printJson({ file: output, bytes: shrunk.length, ratio, setting: settingsName(settings), variant });
  print(
    `${output}: ${settingsName(settings)}, ${fileSize(shrunk.length)}, ${ratio.toFixed(2)} times smaller than ${fileSize(bytes.length)}`,
    `it expands to ${variantName(variant)} ${precisionName(variant.precision)}, ${fileSize(variant.bytes)}, sha256 ${variant.sha256}`,
  );
}

function settingsOf({ codebook, bits, hash, prune, allLayers = false }: ShrinkCommandOptions): ShrinkSettings {
  const methods: ShrinkMethod[] = [];
  if (codebook !== undefined) methods.push({ kind: 'codebook', size: codebook });
  if (bits !== undefined) methods.push({ kind: 'bits', bits });
  if (hash !== undefined) methods.push({ kind: 'hash', sharing: hash });
  if (methods.length > 1) throw new AlpharhoError('config_invalid', 'give one of --codebook, --bits and --hash, not several');
  // Pruned weights that are kept at full precision would not get smaller: eight bits lose next to nothing beside the pruning.
  const method = methods[0] ?? (prune ? { kind: 'bits', bits: 8 } : { kind: 'lossless' });
  const settings: ShrinkSettings = { method, allLayers, ...(prune === undefined ? {} : { prune }) };
  checkSettings(settings);
  return settings;
}

const wantsFrames = ({ images, inspectionLine }: FrameOptions) => images !== undefined || inspectionLine !== undefined;

async function guide(bytes: Uint8Array, options: ShrinkCommandOptions, signal: AbortSignal): Promise<WeightMoments | undefined> {
  if (!wantsFrames(options)) return undefined;
  return momentsOf(bytes, await splitFrames(options, readVariant(bytes), options.frames), options.threads, signal);
}

async function momentsOf(bytes: Uint8Array, { taken }: SplitFrames, threads: number, signal: AbortSignal): Promise<WeightMoments> {
  return weightMoments(bytes, { frames: taken, threads, signal, onProgress: progressOn(process.stderr, 'frames read') });
}

async function sweepSizes(path: string, bytes: Uint8Array, options: ShrinkCommandOptions): Promise<void> {
  if (options.output !== undefined) throw new AlpharhoError('config_invalid', '--sweep writes no file: leave -o out');
  const { threads } = options;
  const { rows, measuredOn } = await naming(path, () =>
    interruptible(async (signal) => {
      const split = await splitFrames(options, readVariant(bytes), options.frames);
      const moments = await momentsOf(bytes, split, threads, signal);
      const onProgress = progressOn(process.stderr, 'settings');
      const frames = remembered(split.others);
      return { rows: await sweep(bytes, { frames, moments, threads, signal, onProgress }), measuredOn: split.others.description };
    }),
  );
  if (options.json) return printJson({ file: path, measuredOn, rows });
  const labelled = rows.some(({ comparison }) => comparison?.candidate);
  const reference = rows.find(({ comparison }) => comparison?.reference)?.comparison?.reference;
  print(
    `measured on ${measuredOn}; no setting is trained again`,
    '',
    ...table(
      ['setting', 'bytes', 'times smaller', 'than brotli', labelled ? 'top-1' : '', 'same answer'],
      rows.map((row) => sweepCells(row, reference?.top1)),
      ['left', 'right', 'right', 'right', 'right', 'right'],
    ),
  );
}

/** @param unchanged top-1 of the variant itself, which the baselines share */
function sweepCells({ setting, bytes, ratio, ratioToBrotli, comparison }: SweepRow, unchanged: number | undefined): string[] {
  const top1 = comparison ? comparison.candidate?.top1 : unchanged;
  return [
    setting,
    String(bytes),
    ratio.toFixed(2),
    ratioToBrotli.toFixed(2),
    top1 === undefined ? '' : `${top1.toFixed(1)} %`,
    `${(comparison?.agreement ?? 100).toFixed(1)} %`,
  ];
}

interface ExpandOptions {
  output: string;
  json?: boolean;
}

export function registerExpand(program: Command): void {
  const command = program
    .command('expand')
    .description('Decode a shrunk file into the variant that it stands for, and check its SHA-256.')
    .argument('<file>', 'a file of "mobilenet shrink"')
    .requiredOption('-o, --output <file>', 'where to write the ONNX file; one that is there is replaced');
  jsonOption(command).action(expand);
}

async function expand(path: string, { output, json }: ExpandOptions): Promise<void> {
  await checkOutput(path, output);
  const bytes = await readInput(path, 'shrunk file', maxModelBytes, 'model_missing');
  const file = await naming(path, () => {
    if (!isShrunk(bytes)) throw new AlpharhoError('model_corrupt', 'no shrunk variant; "mobilenet shrink" makes them');
    return expandVariant(bytes);
  });
  await writeOutput(output, file);
  const variant = readVariant(file);
  if (json) return printJson({ file: output, variant });
  print(`${output}: ${variantName(variant)} ${precisionName(variant.precision)}, ${fileSize(variant.bytes)}, sha256 ${variant.sha256}`);
}
