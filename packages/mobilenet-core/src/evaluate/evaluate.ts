/** @file Accuracy of one variant on labelled pictures. */
import type { Classifier } from '../runtime/classifier.ts';
import { evaluateModels, type ModelEvaluation } from './evaluate-models.ts';
import { folderSource } from './folder-source.ts';
import type { LabelledImage } from './labels-csv.ts';
import type { Evaluation } from './tally.ts';

/** What {@link evaluate} works on. */
export type EvaluateOptions = {
  /** Stays open. */
  classifier: Classifier;
  /** Folder of the pictures. */
  folder: string;
  images: readonly LabelledImage[];
  signal?: AbortSignal;
  /** Called after each picture. */
  onProgress?: (done: number, total: number) => void;
};

/**
 * Classifies each picture and counts; for several models at once, or frames from elsewhere, see `evaluateModels`.
 * @throws AlpharhoError config_invalid where the list does not fit the model; the signal's reason once it is aborted
 */
export async function evaluate({ classifier, folder, images, signal, onProgress }: EvaluateOptions): Promise<Evaluation> {
  const { variant } = classifier;
  const model = {
    variant,
    open: async () => ({ ...staysOpen, variant, rho: classifier.rho, classify: classifier.classify.bind(classifier) }),
  };
  const [found] = await evaluateModels({
    models: [model],
    source: folderSource(folder, images),
    ...(signal ? { signal } : {}),
    ...(onProgress ? { onProgress } : {}),
  });
  const { complete, ...evaluation } = found as ModelEvaluation;
  if (!complete) signal?.throwIfAborted();
  return evaluation;
}

const staysOpen = { close: async () => undefined };
