/** @file What passes between the agent's thread and a classifier's. */
import type { VariantInfo } from '@alpharho/mobilenet-core';
import type { ErrorCode, Prediction } from '@alpharho/protocol';
import type { SharedSlots } from '../../domain/newest-wins.ts';
import type { InferenceReport, LaneResult, Tune } from '../../domain/ports.ts';
import type { InferencePreferences } from './preferences.ts';

export type WorkerData = {
  readonly file: Uint8Array;
  readonly preferences: InferencePreferences;
  /** Classes given for each frame. */
  readonly top: number;
};

/** @param rho side of the frames in `slots` */
export type ToWorker = { readonly type: 'warm'; readonly slots: SharedSlots; readonly rho: number; readonly tune: Tune };

export type FromWorker =
  | { readonly type: 'read'; readonly variant: VariantInfo }
  /**
   * @param warmupMs one whole inference, after the model's very first
   * @param golden what it answers to the golden input of its size
   */
  | {
      readonly type: 'warm';
      readonly warmupMs: number;
      readonly golden: readonly Prediction[];
      readonly inference: InferenceReport;
      readonly isTunable: boolean;
    }
  | { readonly type: 'failed'; readonly code: ErrorCode; readonly message: string }
  | PackedResult;

/** Ticket, preprocess, inference and postprocess milliseconds, then class and probability in turns: numbers alone are quick to copy. */
export type PackedResult = readonly number[];

export function packResult({ ticket, top, stages }: LaneResult): PackedResult {
  const packed = [ticket, stages.preprocess, stages.inference, stages.postprocess];
  for (const prediction of top) packed.push(prediction.class, prediction.probability);
  return packed;
}

export function unpackResult(packed: PackedResult, labels: readonly string[]): LaneResult {
  const [ticket = 0, preprocess = 0, inference = 0, postprocess = 0] = packed;
  const top: Prediction[] = [];
  for (let at = 4; at + 1 < packed.length; at += 2) {
    const index = packed[at] as number;
    top.push({ class: index, label: labels[index] ?? `class ${index}`, probability: packed[at + 1] as number });
  }
  return { ticket, top, stages: { preprocess, inference, postprocess } };
}
