/** @file `mobilenet evaluate`: accuracy of variants on labelled pictures or on the built-in inspection line. */
import { join } from 'node:path';
import { AlpharhoError, variantLabel } from '@alpharho/protocol';
import { type Command, Option } from 'commander';
import { graphCost } from '../cost/graph-cost.ts';
import { evaluateModels, type ModelEvaluation } from '../evaluate/evaluate-models.ts';
import { folderSource } from '../evaluate/folder-source.ts';
import { largestLabelList, parseLabelList } from '../evaluate/labels-csv.ts';
import { inspectionLineSource, mostSceneFrames } from '../evaluate/scene-source.ts';
import type { FrameSource } from '../evaluate/source.ts';
import { decodeModel } from '../graph/decode.ts';
import { measureSettings } from '../measure/measure-settings.ts';
import { settingName } from '../measure/settings.ts';
import type { VariantInfo } from '../variant/info.ts';
import { readVariant } from '../variant/read.ts';
import { checkServes, graphAt } from '../variant/resolutions.ts';
import { accuracyReport } from './evaluate-report.ts';
import { naming, readInput, readOnnx, writeOutput } from './files.ts';
import { interruptible } from './interrupt.ts';
import { openClassifier, positiveInteger, threadsOption } from './open-classifier.ts';
import { jsonOption, number, rhoList } from './options.ts';
import { print, printJson } from './output.ts';
import { accuracyPlot, latencyPlot } from './plots.ts';
import { progressOn } from './progress.ts';

interface EvaluateCommandOptions {
  images?: string;
  labels?: string;
  inspectionLine?: number;
  seed: number;
  threads: number;
  rho?: number[];
  perClass?: boolean;
  svg?: string;
  against: 'multiply-adds' | 'latency';
  json?: boolean;
}

export function registerEvaluate(program: Command): void {
  const command = program
    .command('evaluate')
    .description('Measure accuracy on labelled pictures, or on frames of the built-in inspection line.')
    .argument('<models.onnx...>', 'variant files; those of one resolution share each decoded picture')
    .option('--images <folder>', 'folder of the pictures')
    .option('--labels <file.csv>', 'list with the columns file and class_index (default: labels.csv in the folder)')
    .addOption(
      new Option('--inspection-line <frames>', 'instead of pictures: that many frames of the built-in inspection line')
        .argParser(positiveInteger(mostSceneFrames))
        .conflicts(['images', 'labels']),
    )
    .addOption(
      new Option('--seed <number>', 'which frames of the inspection line; seed 1 is what the demonstration was trained on')
        .argParser(number)
        .default(1000),
    )
    .addOption(threadsOption())
    .addOption(
      new Option(
        '--rho <list>',
        'at these resolutions, for files that serve several: 224,192,160,128 (default: the own one of each)',
      ).argParser(rhoList),
    )
    .option('--per-class', 'accuracy of each class too, and which are taken for which')
    .option('--svg <file>', 'draw accuracy with the Pareto front')
    .addOption(
      new Option('--against <cost>', 'what --svg draws accuracy against; latency is measured here, with --threads')
        .choices(['multiply-adds', 'latency'])
        .default('multiply-adds'),
    );
  jsonOption(command).action(evaluateCommand);
}

/** A model's file with what was found of it. */
export type EvaluatedFile = { file: string; variant: VariantInfo; evaluation: ModelEvaluation };

async function evaluateCommand(files: string[], options: EvaluateCommandOptions): Promise<void> {
  if (options.rho !== undefined && options.against === 'latency') {
    throw new AlpharhoError(
      'config_invalid',
      '--against latency measures each file at its own ρ; leave --rho out, or draw against multiply-adds',
    );
  }
  const source = await sourceOf(options);
  const models: { file: string; variant: VariantInfo }[] = [];
  // One after the other: a folder full of models is more than a board's memory holds at once.
  for (const file of files) models.push(...(await variantsOf(file, options.rho)).map((variant) => ({ file, variant })));
  const progress = new Map<string, ReturnType<typeof progressOn>>();
  const onProgress = (done: number, total: number, group: readonly VariantInfo[]) => {
    const what = `${source.name}, ${group.length > 1 ? `${group.length} models at ρ ${group[0]?.rho}` : variantLabel(group[0] as VariantInfo)}`;
    if (!progress.has(what)) progress.set(what, progressOn(process.stderr, what));
    progress.get(what)?.(done, total);
  };
  const [evaluations, stopped] = await interruptible(async (signal) => {
    const opened = models.map(({ file, variant }) => ({ variant, open: () => openClassifier(file, options.threads, variant.rho) }));
    return [await evaluateModels({ models: opened, source, signal, onProgress }), signal.aborted] as const;
  });
  const results = models.map((model, index) => ({ ...model, evaluation: evaluations[index] as ModelEvaluation }));
  tellUnreadable(results, source);
  if (options.json) printJson(asJson(results, source, options.perClass));
  else print(...accuracyReport(results, source, options.perClass));
  if (stopped && results.some(({ evaluation }) => !evaluation.complete)) {
    throw new AlpharhoError('interrupted', 'stopped on request: the figures above hold for the first frames only');
  }
  if (options.svg !== undefined) await writeOutput(options.svg, Buffer.from(await plot(results, source, options)));
}

async function plot(results: readonly EvaluatedFile[], source: FrameSource, options: EvaluateCommandOptions): Promise<string> {
  if (options.against === 'multiply-adds') return accuracyPlot(results, source);
  const setting = { provider: 'cpu', threads: options.threads };
  const models = results.map(({ file, variant }) => ({ variant, read: () => readOnnx(file) }));
  const onProgress = progressOn(process.stderr, 'turns of measuring latency');
  const measured = await interruptible((signal) =>
    measureSettings({ models, settings: [setting], frames: latencyFrames, signal, onProgress }),
  );
  const p95 = new Map(measured.map(({ sha256, latency }) => [sha256, latency.p95]));
  const points = results.flatMap(({ variant, evaluation }) => {
    const measuredHere = p95.get(variant.sha256);
    if (measuredHere === undefined || evaluation.images === 0) return [];
    return [{ variant, p95: measuredHere, top1: evaluation.top1, range: evaluation.top1Interval }];
  });
  return latencyPlot(`Accuracy on ${source.count} ${source.name}, latency with ${settingName(setting)}`, points);
}

/** As many as `mobilenet bench` takes. */
const latencyFrames = 300;

async function sourceOf({ images: folder, labels, inspectionLine, seed }: EvaluateCommandOptions): Promise<FrameSource> {
  if (inspectionLine !== undefined) return inspectionLineSource({ seed, count: inspectionLine });
  if (folder === undefined) {
    throw new AlpharhoError('config_invalid', 'what to evaluate on? Give --images <folder>, or --inspection-line <frames>');
  }
  const list = labels ?? join(folder, 'labels.csv');
  return folderSource(folder, parseLabelList((await readInput(list, 'label list', largestLabelList)).toString('utf8'), list));
}

/** The variant once for each resolution that is asked for, as if that were its own, with what it costs there. */
async function variantsOf(file: string, rhos: number[] | undefined): Promise<VariantInfo[]> {
  const bytes = await readOnnx(file);
  return naming(file, () => {
    if (rhos === undefined) return [readVariant(bytes)];
    const { graph } = decodeModel(bytes);
    const variant = readVariant(bytes);
    return rhos.map((rho) => {
      checkServes(variant, rho);
      return { ...variant, rho, multiplyAdds: graphCost(graphAt(graph, rho)).multiplyAdds };
    });
  });
}

/** Each unreadable picture once, however many models met it. */
function tellUnreadable(results: readonly EvaluatedFile[], source: FrameSource): void {
  const reasons = new Set(results.flatMap(({ evaluation }) => evaluation.unreadable.map(({ reason }) => reason)));
  for (const reason of reasons) process.stderr.write(`mobilenet: ${reason}\n`);
  if (results.every(({ evaluation }) => evaluation.complete && evaluation.images === 0)) {
    throw new AlpharhoError('image_unreadable', `none of the ${source.count} pictures could be read`);
  }
}

function asJson(results: readonly EvaluatedFile[], source: FrameSource, perClass = false): object {
  const models = results.map(({ file, variant, evaluation }) => {
    const { perClass: scores, confusions, unreadable, ...totals } = evaluation;
    return {
      file,
      variant: variantLabel(variant),
      sha256: variant.sha256,
      ...totals,
      ...(unreadable.length > 0 ? { unreadable } : {}),
      ...(perClass ? { perClass: scores, confusions } : {}),
    };
  });
  return { source: `${source.count} ${source.name}`, models };
}
