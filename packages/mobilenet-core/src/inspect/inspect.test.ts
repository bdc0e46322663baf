/** @file Inspection of variants and of foreign ONNX files. */
import { describe, expect, it } from 'vitest';
import { GraphBuilder } from '../graph/builder.ts';
import { encodeModel } from '../graph/encode.ts';
import { buildVariant } from '../zoo/build-variant.ts';
import { inspectModel } from './inspect.ts';

describe('inspectModel', () => {
  it('tells everything of a variant', () => {
    const file = buildVariant({ family: 'v1', alpha: 0.25, rho: 32, labels: ['a', 'b'], seed: 1 });
    const seen = inspectModel(file);
    expect(seen).toMatchObject({
      bytes: file.length,
      opset: 17,
      irVersion: 8,
      producer: 'alpharho',
      variant: { family: 'v1', rho: 32, weights: 'random', sha256: seen.sha256 },
      inputs: [{ name: 'image', type: 'uint8', dims: [1, 32, 32, 3] }],
      outputs: [{ name: 'probabilities', type: 'float32', dims: [1, 2] }],
      operators: { Conv: 27, Clip: 27, Gemm: 1, Softmax: 1 },
    });
    expect(seen.metadata['alpharho.contract']).toBe('1');
    expect(seen.cost.multiplyAdds).toBe(seen.variant?.multiplyAdds);
    expect(seen).not.toHaveProperty('notVariant');
  });

  it('describes a foreign file, and says why it is no variant', () => {
    const builder = new GraphBuilder('g');
    builder.output(builder.node('Relu', 'r', [builder.input('x', 'float32', ['N', 3])]), 'float32', ['N', 3]);
    const seen = inspectModel(encodeModel(builder.finish({ author: 'someone' })));
    expect(seen.variant).toBeUndefined();
    expect(seen.notVariant).toContain('does not follow the variant contract');
    expect(seen).toMatchObject({ metadata: { author: 'someone' }, inputs: [{ dims: ['N', 3] }], operators: { Relu: 1 } });
  });

  it('refuses what is no ONNX file', () => {
    expect(() => inspectModel(Buffer.from('hello'))).toThrow(expect.objectContaining({ code: 'model_corrupt' }));
  });
});
