/** @file ONNX files of other makers, from the sample data: read whole, written back alike, found out when cut. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { hasSampleData, sampleDataFolder } from '../src/evaluate/sample-data.ts';
import { decodeModel, encodeModel, inspectModel } from '../src/index.ts';

const folder = sampleDataFolder();
const read = (name: string) => readFileSync(join(folder, 'models', name));

describe.skipIf(!hasSampleData(folder))('ONNX files of other makers', () => {
  it.each(['v2_like_two_class.onnx', 'textline_direction_v3_small.onnx'])('%s survives being read and written', (name) => {
    const model = decodeModel(read(name));
    expect(decodeModel(encodeModel(model))).toEqual(model);
  });

  it.each(['v2_like_two_class.onnx', 'textline_direction_v3_small.onnx'])('%s is found out when cut short', (name) => {
    const bytes = read(name);
    for (let i = 0; i < 200; i++) {
      const length = Math.floor((i / 200) * bytes.length);
      expect(() => decodeModel(bytes.subarray(0, length)), `first ${length} bytes`).toThrow(
        expect.objectContaining({ code: 'model_corrupt' }),
      );
    }
  });

  it('counts what is known of each', () => {
    // tf2onnx leaves the batch open, which counts as one image; Paddle leaves height and width open as well.
    const closed = inspectModel(read('v2_like_two_class.onnx'));
    expect(closed).toMatchObject({ producer: 'tf2onnx', opset: 15, operators: { Conv: 52, Clip: 35 }, cost: { uncounted: [] } });
    // Its first layer by hand: 3×3×3 weights for each of 8 filters, at each of 64×64 positions.
    expect(closed.cost.perLayer[0]).toMatchObject({ kind: 'conv', multiplyAdds: 27 * 8 * 64 * 64 });
    const open = inspectModel(read('textline_direction_v3_small.onnx'));
    expect(open).toMatchObject({ producer: 'PaddlePaddle', opset: 10, inputs: [{ dims: ['', 3, '', ''] }], cost: { multiplyAdds: 0 } });
    expect(open.cost.uncounted.length).toBeGreaterThan(50);
    expect(open.cost.weights).toBeGreaterThan(100_000);
  });
});
