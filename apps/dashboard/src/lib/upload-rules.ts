/** @file What the upload form knows before it sends anything: limits, names, and how its fields become options. Pure. */

/** The largest file that is taken: what mobilenet-core reads at most. */
export const maxUploadBytes = 256 * 1024 * 1024;
export const maxUploadMib = maxUploadBytes / 2 ** 20;

export const pixelChoices = [
  { value: '', label: 'as the file says' },
  { value: 'unit', label: '0…1 (Ultralytics, many exports)' },
  { value: 'tf', label: '−1…1 (Keras, TensorFlow MobileNets)' },
  { value: 'imagenet', label: 'ImageNet mean and deviation (torchvision, timm)' },
  { value: 'imagenet-mean', label: '0…1 less ImageNet’s mean' },
  { value: 'caffe', label: '0…255 less the mean, blue first (Caffe)' },
  { value: 'none', label: '0…255 as they are' },
] as const;

export type UploadForm = { pixels: string; labels: string; numbered: boolean; rho: string; licence: string };

export const emptyForm: UploadForm = { pixels: '', labels: '', numbered: false, rho: '', licence: '' };

/** @returns why the file cannot be sent, or null. */
export function refuseFile({ name, size }: { name: string; size: number }): string | null {
  if (size === 0) return `${name} is empty.`;
  if (size > maxUploadBytes) return `${name} has ${Math.ceil(size / 2 ** 20)} MiB; at most ${maxUploadMib} are taken.`;
  return null;
}

/** Options of the upload, as the registry takes them: only what was said. */
export function optionsOf({ pixels, labels, numbered, rho, licence }: UploadForm): Record<string, unknown> {
  const names = labels
    .split(/\r?\n/)
    .map((line) => line.trim())
    .filter((line) => line !== '');
  const side = Number(rho);
  return {
    ...(pixels !== '' && { normalisation: pixels }),
    ...(names.length > 0 && { labels: names }),
    ...(numbered && { numbered }),
    ...(rho.trim() !== '' && { rho: Number.isFinite(side) ? side : rho }),
    ...(licence.trim() !== '' && { licence: licence.trim() }),
  };
}
