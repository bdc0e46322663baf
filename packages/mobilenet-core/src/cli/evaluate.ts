/** @file `mobilenet evaluate`: accuracy on labelled pictures. */
import { join } from 'node:path';
import { AlpharhoError, precisionName, variantName } from '@alpharho/protocol';
import type { Command } from 'commander';
import { type Evaluation, evaluate } from '../evaluate/evaluate.ts';
import { largestLabelList, parseLabelList } from '../evaluate/labels-csv.ts';
import { readInput } from './files.ts';
import { interruptible } from './interrupt.ts';
import { openClassifier, threadsOption } from './open-classifier.ts';
import { jsonOption } from './options.ts';
import { print, printJson } from './output.ts';
import { progressOn } from './progress.ts';

interface EvaluateCommandOptions {
  images: string;
  labels?: string;
  threads: number;
  json?: boolean;
}

export function registerEvaluate(program: Command): void {
  const command = program
    .command('evaluate')
    .description('Measure accuracy on labelled pictures.')
    .argument('<model.onnx>', 'a variant file')
    .requiredOption('--images <folder>', 'folder of the pictures')
    .option('--labels <file.csv>', 'list with the columns file and class_index (default: labels.csv in the folder)')
    .addOption(threadsOption());
  jsonOption(command).action(evaluateModel);
}

async function evaluateModel(model: string, options: EvaluateCommandOptions): Promise<void> {
  const { images: folder, threads, json } = options;
  const list = options.labels ?? join(folder, 'labels.csv');
  const images = parseLabelList((await readInput(list, 'label list', largestLabelList)).toString('utf8'), list);
  const classifier = await openClassifier(model, threads);
  const onProgress = progressOn(process.stderr, 'pictures');
  const result = await interruptible((signal) => evaluate({ classifier, folder, images, signal, onProgress }));
  await classifier.close();
  for (const { reason } of result.unreadable) process.stderr.write(`mobilenet: ${reason}\n`);
  if (result.images === 0) throw new AlpharhoError('image_unreadable', `none of the ${images.length} pictures of ${list} could be read`);
  if (json) return printJson(asJson(result));
  const { precision } = classifier.variant;
  print(
    `${variantName(classifier.variant)} ${precisionName(precision)} on ${result.images} pictures: top-1 ${result.top1} %, top-5 ${result.top5} %`,
  );
}

/** Unreadable pictures are there only where there are any. */
function asJson({ unreadable, ...scores }: Evaluation): object {
  return unreadable.length === 0 ? scores : { ...scores, unreadable };
}
