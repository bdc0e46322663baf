/** @file What the caller may say of a foreign model, and what is taken where nothing was said. Nothing is guessed that changes answers. */
import { AlpharhoError } from '@alpharho/protocol';
import { type Colour, describeNames, type NormalisationName, normalisationNames } from '../image/normalisations.ts';
import { placeholderLabels } from '../import/labels.ts';
import type { RunTrial } from '../runtime/trial.ts';
import { labelsSchema, largestRho, smallestRho } from '../variant/info.ts';
import type { Face, FaceOptions } from './face.ts';
import { labelsInMetadata } from './names.ts';
import { type OwnNormalisation, type Pixels, pixelsFor } from './pixels.ts';
import type { Softmax } from './scores.ts';

/** What may be said of a foreign model; only what its file does not tell must be. */
export type AdoptOptions = FaceOptions & {
  /** What the provenance calls the source: a file name or an address. */
  name?: string | undefined;
  /** A name for each class, in the order of the output. Without them the file's metadata is asked. */
  labels?: string[] | undefined;
  /** Asked for the names of so many classes where neither `labels` nor the file has them. */
  findLabels?: (classes: number) => Promise<{ labels: string[]; from: string } | undefined>;
  /** Call the classes "class 0" and so on where nothing names them; refused otherwise. */
  numbered?: boolean | undefined;
  /** How the model wants its pixels. Needed for float inputs, unless the file's maker is known to mean one thing. */
  normalisation?: NormalisationName | OwnNormalisation | undefined;
  /** Order of the model's channels; the normalisation's own unless given. */
  colour?: Colour | undefined;
  /** What is put behind the model's scores; found out unless given. */
  softmax?: Softmax | undefined;
  /** Central part of a photograph that the model is shown, 0.1 to 1; 0.875 unless given. Camera frames come uncropped. */
  crop?: number | undefined;
  licence?: string | undefined;
  /**
   * Every ρ that the variant is to serve, the own one among them; for models that leave their sides open and take any. Tried at each. The
   * own alone unless given.
   */
  rhos?: readonly number[] | undefined;
  /** Runs models; in a process of their own unless given. */
  run?: RunTrial;
  signal?: AbortSignal;
};

const longestLicence = 100;

/** @throws AlpharhoError config_invalid for what can be told without the model */
export function checkOptions({ rho, size, crop, licence, labels }: AdoptOptions): void {
  if (rho !== undefined && size !== undefined) throw invalid('--rho and --size say the same thing; give one of them');
  const fits = (side: number | undefined) => side === undefined || (Number.isInteger(side) && side >= smallestRho && side <= largestRho);
  const range = `from ${smallestRho} to ${largestRho}`;
  const side = [size?.height, size?.width].find((each) => !fits(each));
  if (side !== undefined) throw invalid(`--size has a side of ${side}; whole numbers ${range} are expected`);
  if (!fits(rho)) throw invalid(`--rho is ${rho}; a whole number ${range} is expected`);
  if (crop !== undefined && !(crop >= 0.1 && crop <= 1)) throw invalid(`--crop is ${crop}; a number from 0.1 to 1 is expected`);
  if (licence !== undefined && licence.length > longestLicence)
    throw invalid(`--licence has more than ${longestLicence} letters; give its short name`);
  if (labels !== undefined) checkLabels(labels);
}

/** Pixels of whole numbers go in as they are: what such a model does to them is in its graph already. */
export function choosePixels(face: Face, metadata: Record<string, string>, { normalisation, colour }: AdoptOptions): Pixels {
  const { input, channels } = face;
  if (channels === 1 && colour !== undefined) throw invalid('--colour is for models of three channels; this one has one, grey');
  const asIs = input.type === 'uint8' || input.type === 'int8';
  if (asIs && normalisation !== undefined && normalisation !== 'none') {
    throw invalid(`the input is ${input.type}: its pixels go in as they are, and --normalisation does not apply`);
  }
  const chosen = normalisation ?? (asIs ? 'none' : makersNormalisation(metadata));
  if (chosen !== undefined) return pixelsFor(chosen, channels, colour);
  throw invalid(`say how the model wants its pixels, with --normalisation: ${describeNames(normalisationNames)}; or with --mean and --std`);
}

/** Ultralytics writes author and task into its exports; its classifiers take 0…1 (ultralytics/data/augment.py, classify_transforms). */
function makersNormalisation({ author, task }: Record<string, string>): NormalisationName | undefined {
  return author === 'Ultralytics' && task === 'classify' ? 'unit' : undefined;
}

export type ChosenLabels = { labels: string[]; from: string };

/** @throws AlpharhoError config_invalid where there are no names, or not as many as classes */
export async function chooseLabels(classes: number, metadata: Record<string, string>, options: AdoptOptions): Promise<ChosenLabels> {
  const { labels, findLabels, numbered } = options;
  if (labels) {
    if (labels.length === classes) return { labels, from: 'given' };
    throw invalid(`${labels.length} labels for ${classes} classes: one label a class is needed, in the order of the model's output`);
  }
  const inside = labelsInMetadata(metadata, classes);
  if (inside) {
    checkLabels(inside.labels);
    return { labels: inside.labels, from: `"${inside.key}" in the file's metadata` };
  }
  const found = await findLabels?.(classes);
  if (found) {
    checkLabels(found.labels);
    return found;
  }
  if (numbered) return { labels: placeholderLabels(classes), from: 'none: classes are numbered' };
  throw invalid(`nothing names the ${classes} classes; give a list with --labels, or --allow-numbered to call them "class 0" and so on`);
}

function checkLabels(labels: string[]): void {
  const parsed = labelsSchema.safeParse(labels);
  if (parsed.success) return;
  const issue = parsed.error.issues[0];
  throw invalid(`labels${issue?.path.length ? `: number ${String(issue.path[0])}` : ''}: ${issue?.message ?? 'not usable'}`);
}

function invalid(message: string): AlpharhoError {
  return new AlpharhoError('config_invalid', message);
}
