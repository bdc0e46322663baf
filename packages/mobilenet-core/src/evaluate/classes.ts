/** @file Which output of a model stands for a class of the list. */
import { AlpharhoError } from '@alpharho/protocol';
import type { LabelledImage } from './labels-csv.ts';

/** TF-slim's and TFLite's ImageNet models put "background" before the 1000 classes; lists of pictures count the 1000 from 0. */
const imagenetClasses = 1000;

/**
 * What to add to the list's class indices to get the model's outputs: 1 for a model with a background class before ImageNet's 1000, else 0.
 * A list that itself counts up to 1000 knows of the background class.
 * @throws AlpharhoError config_invalid where the list names a class that the model has not
 */
export function classOffset(images: readonly LabelledImage[], classes: number): number {
  const highest = images.reduce((top, image) => Math.max(top, image.classIndex), 0);
  if (highest >= classes) {
    const { file } = images.find((image) => image.classIndex === highest) ?? { file: '?' };
    throw new AlpharhoError('config_invalid', `${file} is of class ${highest}; the model has classes 0 to ${classes - 1}`);
  }
  return classes === imagenetClasses + 1 && highest < imagenetClasses ? 1 : 0;
}
