/** @file Real ONNX files of other makers, from the sample data, adopted: their answers on photographs. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { type AdoptOptions, adoptOnnx, createClassifier, decodeImage, hasSampleData, sampleDataFolder } from '../src/index.ts';

const folder = sampleDataFolder();
const model = (name: string) => readFileSync(join(folder, 'models', `${name}.onnx`));

describe.skipIf(!hasSampleData(folder))('ONNX files of other makers, adopted', () => {
  it('a person detector out of TensorFlow finds the person, and none where there is none', async () => {
    const labels = ['no person', 'person'];
    const { file, variant } = await adoptOnnx(model('v2_like_two_class'), { normalisation: 'tf', labels, name: 'v2.onnx' });
    expect(variant).toMatchObject({ rho: 128, classes: 2, multiplyAdds: 18_153_504, parameters: 180_544 });
    const classifier = await createClassifier(file);
    const label = async (picture: string) => {
      const frame = await decodeImage(join(folder, 'images/scenes', picture), { rho: variant.rho, crop: 1 });
      return (await classifier.classify(frame, 1)).top[0]?.label;
    };
    expect(await label('person.bmp')).toBe('person');
    for (const picture of ['no_person.bmp', 'cat_720p.jpg', 'parrot.jpg', 'burger.jpg'])
      expect(await label(picture), picture).toBe('no person');
    await classifier.close();
  });

  it.each<[string, AdoptOptions, object]>([
    // The last layer, 200 × 2, stands behind a Reshape to a size that the graph computes.
    ['square', { rho: 160 }, { rho: 160, multiplyAdds: 38_830_448 }],
    ['as wide as a line of text', { size: { height: 80, width: 160 }, fit: 'crop' }, { rho: 160 }],
  ])('a text direction classifier out of Paddle, its open size fixed: %s', async (_, size, expected) => {
    const options: AdoptOptions = { normalisation: 'imagenet', colour: 'bgr', labels: ['0°', '180°'], ...size };
    const { variant, notes } = await adoptOnnx(model('textline_direction_v3_small'), options);
    expect(variant).toMatchObject({ ...expected, classes: 2, parameters: 128_344 });
    expect(notes.join()).toContain('the graph ends in Softmax');
  });
});
