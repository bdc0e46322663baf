/** @file `mobilenet classify`: what pictures show. */
import { AlpharhoError, isAlpharhoError } from '@alpharho/protocol';
import { type Command, Option } from 'commander';
import { decodeImage } from '../image/decode.ts';
import type { Classification, Classifier } from '../runtime/classifier.ts';
import { openClassifier, positiveInteger, threadsOption } from './open-classifier.ts';
import { jsonOption } from './options.ts';
import { percent, print, printJson, table } from './output.ts';

interface ClassifyOptions {
  top: number;
  threads: number;
  json?: boolean;
}

type Answer = { file: string } & (Classification | { error: string });

export function registerClassify(program: Command): void {
  const command = program
    .command('classify')
    .description('Say what pictures show.')
    .argument('<model.onnx>', 'a variant file')
    .argument('<pictures...>', 'JPEG, PNG, WebP, GIF, TIFF or BMP files')
    .addOption(new Option('--top <number>', 'how many classes to give for each').argParser(positiveInteger(100)).default(5))
    .addOption(threadsOption());
  jsonOption(command).action(classify);
}

async function classify(model: string, pictures: string[], { top, threads, json }: ClassifyOptions): Promise<void> {
  const classifier = await openClassifier(model, threads);
  const answers: Answer[] = [];
  for (const file of pictures) {
    const answer = await answerFor(classifier, file, top);
    answers.push(answer);
    if (!json) print(...lines(answer));
  }
  await classifier.close();
  if (json) printJson(answers);
  const failed = answers.filter((answer) => 'error' in answer).length;
  if (failed > 0) throw new AlpharhoError('image_unreadable', `${failed} of ${pictures.length} pictures could not be read`);
}

async function answerFor(classifier: Classifier, file: string, top: number): Promise<Answer> {
  const { rho, preprocessing } = classifier.variant;
  try {
    return { file, ...(await classifier.classify(await decodeImage(file, { rho, crop: preprocessing.crop }), top)) };
  } catch (error) {
    if (isAlpharhoError(error, 'image_unreadable')) return { file, error: error.message };
    throw error;
  }
}

function lines(answer: Answer): string[] {
  if ('error' in answer) return [answer.error];
  const { inference, postprocess } = answer.ms;
  const rows = answer.top.map(({ class: index, label, probability }) => [percent(probability), label, String(index)]);
  return [
    `${answer.file} (${(inference + postprocess).toFixed(2)} ms)`,
    ...table(['', 'label', 'class'], rows, ['right', 'left', 'right']).slice(1),
  ];
}
