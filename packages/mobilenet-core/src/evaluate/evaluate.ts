/** @file Accuracy of a variant on labelled pictures. */
import { join } from 'node:path';
import { isAlpharhoError } from '@alpharho/protocol';
import { decodeImage } from '../image/decode.ts';
import type { Classifier } from '../runtime/classifier.ts';
import { classOffset } from './classes.ts';
import type { LabelledImage } from './labels-csv.ts';

export type Evaluation = {
  /** Pictures that were classified. */
  images: number;
  /** Percent of them whose class came first, and whose class was among the first five; 0 where there are none. */
  top1: number;
  top5: number;
  /** Pictures that could not be read, each with the reason; they count neither as right nor as wrong. */
  unreadable: { file: string; reason: string }[];
};

export type EvaluateOptions = {
  classifier: Classifier;
  /** Folder of the pictures. */
  folder: string;
  images: readonly LabelledImage[];
  signal?: AbortSignal;
  /** Called after each picture. */
  onProgress?: (done: number, total: number) => void;
};

/** Pictures decoded ahead: enough to keep libvips' threads busy while the model runs, few enough to take no memory. */
const decodeAhead = 4;
const topCount = 5;

/**
 * Classifies each picture and counts. Decoding goes on in other threads while the model runs.
 * Ties are broken by the lowest class (see `topIndices`).
 * @throws AlpharhoError config_invalid where the list does not fit the model; the signal's reason once it is aborted
 */
export async function evaluate({ classifier, folder, images, signal, onProgress }: EvaluateOptions): Promise<Evaluation> {
  const { rho, classes, preprocessing } = classifier.variant;
  const offset = classOffset(images, classes);
  const result: Evaluation = { images: 0, top1: 0, top5: 0, unreadable: [] };
  const hits = { top1: 0, top5: 0 };
  const decode = async ({ file }: LabelledImage): Promise<Uint8Array | string> => {
    try {
      return await decodeImage(join(folder, file), { rho, crop: preprocessing.crop });
    } catch (error) {
      if (isAlpharhoError(error, 'image_unreadable')) return error.message;
      throw error;
    }
  };
  for await (const { item, value } of ahead(images, decode)) {
    signal?.throwIfAborted();
    if (typeof value === 'string') {
      result.unreadable.push({ file: item.file, reason: value });
    } else {
      const { top } = await classifier.classify(value, topCount);
      const place = top.findIndex((prediction) => prediction.class === item.classIndex + offset);
      result.images++;
      if (place === 0) hits.top1++;
      if (place >= 0) hits.top5++;
    }
    onProgress?.(result.images + result.unreadable.length, images.length);
  }
  const percent = (count: number) => (result.images === 0 ? 0 : Math.round((count / result.images) * 10_000) / 100);
  return { ...result, top1: percent(hits.top1), top5: percent(hits.top5) };
}

/** The results of `work` in the items' order, a few of them under way at any time. */
async function* ahead<T, R>(items: readonly T[], work: (item: T) => Promise<R>): AsyncGenerator<{ item: T; value: R }> {
  const pending: { item: T; value: Promise<R> }[] = [];
  for (const item of items) {
    const value = work(item);
    // Whoever awaits it gets the error; until then it must not count as unhandled.
    value.catch(() => undefined);
    pending.push({ item, value });
    if (pending.length > decodeAhead) yield* next(pending);
  }
  while (pending.length > 0) yield* next(pending);
}

async function* next<T, R>(pending: { item: T; value: Promise<R> }[]): AsyncGenerator<{ item: T; value: R }> {
  const first = pending.shift();
  if (first) yield { item: first.item, value: await first.value };
}
