/** @file The central crop of the authors' evaluation (tf-slim `preprocess_for_eval`, central_fraction 0.875). */

/** Share of each side that the authors' evaluation keeps. */
export const evaluationCrop = 0.875;

export type CropBox = { left: number; top: number; width: number; height: number };

/** The centred box that keeps `fraction` of each side, at least one pixel; the odd pixel of the margin falls to the right and the bottom. */
export function centralCrop(width: number, height: number, fraction: number): CropBox {
  const keep = (size: number) => Math.max(1, Math.round(size * fraction));
  const box = { width: keep(width), height: keep(height) };
  return { ...box, left: Math.floor((width - box.width) / 2), top: Math.floor((height - box.height) / 2) };
}
