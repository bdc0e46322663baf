/** @file What a frame is, before and after a classifier has seen it. */
import type { Prediction, Sha256 } from '@alpharho/protocol';

/** What a classifier wants of a camera. Two variants of one format can take each other's frames. */
export type FrameFormat = {
  /** Side of the square frame in pixels; a frame is rho × rho × 3 bytes, RGB, rows from the top. */
  readonly rho: number;
  /** Side of the centred crop that is scaled to the frame, as a fraction of the picture's side. */
  readonly crop: number;
};

export function sameFormat(a: FrameFormat, b: FrameFormat): boolean {
  return a.rho === b.rho && a.crop === b.crop;
}

/** Bytes of one frame. */
export function frameBytes({ rho }: FrameFormat): number {
  return rho * rho * 3;
}

/** Milliseconds of each stage inside the classifier. */
export type StageMs = { readonly preprocess: number; readonly inference: number; readonly postprocess: number };

/** One classified frame, as the loop hands it on: in the order of capture. */
export type FrameResult = {
  /** Counts captured frames from 1. */
  readonly frame: number;
  /** Device clock at capture, milliseconds. */
  readonly at: number;
  /** Captured frame → result, milliseconds. */
  readonly ms: number;
  readonly stages: StageMs;
  readonly variant: Sha256;
  /** At which it saw the frame, where it serves several. */
  readonly rho?: number | undefined;
  /** Highest probability first. */
  readonly top: readonly Prediction[];
};
