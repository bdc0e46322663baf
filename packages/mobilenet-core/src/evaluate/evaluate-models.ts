/** @file Accuracy of several variants on the same frames: each frame is decoded or drawn once for all models that see it alike. */
import type { Classifier } from '../runtime/classifier.ts';
import type { VariantInfo } from '../variant/info.ts';
import type { FrameSource, FrameView } from './source.ts';
import { type Evaluation, Tally } from './tally.ts';

/** A variant that waits to be evaluated. */
export type EvaluatedModel = {
  /** Its `rho` is the one that it is evaluated at. */
  variant: VariantInfo;
  /** Opens the classifier; called when its turn comes, so that not all models are in memory at once. */
  open(): Promise<Classifier>;
};

/** An evaluation that may have been interrupted. */
export type ModelEvaluation = Evaluation & {
  /** Whether all frames of the source were seen; where not, the figures hold for the first ones of it. */
  complete: boolean;
};

/** What {@link evaluateModels} works on. */
export type EvaluateModelsOptions = {
  models: readonly EvaluatedModel[];
  source: FrameSource;
  /** Ends the work at the next frame: what has been counted by then is returned. */
  signal?: AbortSignal;
  /** Called after each frame, with the models that saw it: those of one ρ and crop are evaluated together. */
  onProgress?: (done: number, total: number, models: readonly VariantInfo[]) => void;
};

const topCount = 5;

/**
 * Evaluates models on the frames of a source. Models of the same ρ and crop are open at the same time and share each frame;
 * one such group follows another. Ties are broken by the lowest class (see `topIndices`).
 * @returns one evaluation for each model, in their order
 * @throws AlpharhoError config_invalid where the source's classes do not fit a model, before any frame is made
 */
export async function evaluateModels({ models, source, signal, onProgress }: EvaluateModelsOptions): Promise<ModelEvaluation[]> {
  const entries = models.map(({ variant, open }) => ({
    variant,
    open,
    offset: source.classOffset(variant),
    tally: new Tally(variant.labels),
  }));
  for (const group of grouped(entries)) {
    if (signal?.aborted) break;
    await evaluateGroup(group, { source, signal, onProgress });
  }
  return entries.map(({ tally }) => ({ ...tally.result(), complete: tally.seen === source.count }));
}

type Entry = EvaluatedModel & { offset: number; tally: Tally };

async function evaluateGroup(group: readonly Entry[], options: Omit<EvaluateModelsOptions, 'models'>): Promise<void> {
  const { source, signal, onProgress } = options;
  const open: { entry: Entry; classifier: Classifier }[] = [];
  try {
    for (const entry of group) open.push({ entry, classifier: await entry.open() });
    let done = 0;
    for await (const sample of source.frames(viewOf(group[0] as Entry))) {
      if (signal?.aborted) break;
      for (const { entry, classifier } of open) {
        if ('unreadable' in sample) {
          entry.tally.unreadable(sample.name, sample.unreadable);
          continue;
        }
        const { top } = await classifier.classify(sample.frame, topCount);
        entry.tally.answered(
          sample.classIndex + entry.offset,
          top.map((prediction) => prediction.class),
        );
      }
      done++;
      onProgress?.(
        done,
        source.count,
        group.map(({ variant }) => variant),
      );
    }
  } finally {
    await Promise.all(open.map(({ classifier }) => classifier.close()));
  }
}

function viewOf({ variant }: Entry): FrameView {
  return { rho: variant.rho, crop: variant.preprocessing.crop };
}

/** Models that see a frame alike, in the order in which the first of each comes. */
function grouped(entries: readonly Entry[]): Entry[][] {
  const groups = new Map<string, Entry[]>();
  for (const entry of entries) {
    const { rho, crop } = viewOf(entry);
    const key = `${rho} ${crop}`;
    groups.set(key, [...(groups.get(key) ?? []), entry]);
  }
  return [...groups.values()];
}
