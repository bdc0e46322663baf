/** @file Adoption of foreign ONNX files: answers as their makers mean them, whatever layout, opset and ending. */
import { describe, expect, it } from 'vitest';
import { openTrialProcess } from '../src/adopt/trial-process.ts';
import {
  type AdoptOptions,
  adoptOnnx,
  createClassifier,
  decodeModel,
  encodeModel,
  GraphBuilder,
  graphCost,
  int,
  ints,
  type OnnxModel,
  type RunTrial,
  readVariant,
} from '../src/index.ts';
import { runTrial } from '../src/runtime/onnxruntime.ts';
import { adopt, labels, refusal } from './support/adopting.ts';
import { convolutional, inHalves, type ProbeOptions, probe, probeGraph, twoColours } from './support/foreign-models.ts';

const upper = [200, 100, 50];
const lower = [10, 128, 250];
const frame = twoColours(upper, lower);

async function answer(file: Uint8Array, shown = frame): Promise<number[]> {
  const classifier = await createClassifier(file);
  const { top } = await classifier.classify(shown, 6);
  await classifier.close();
  return top.sort((a, b) => a.class - b.class).map(({ probability }) => probability);
}

/** The scores of the probe model by hand, channel by channel, upper and lower half. */
const scoresOf = (normal: (value: number, channel: number) => number, order = [0, 1, 2]) =>
  order.flatMap((colour, channel) => [normal(upper[colour]!, channel), normal(lower[colour]!, channel)]);

function softmax(scores: number[]): number[] {
  const powers = scores.map((score) => Math.exp(score - Math.max(...scores)));
  const sum = powers.reduce((total, power) => total + power, 0);
  return powers.map((power) => power / sum);
}

function expectClose(found: number[], expected: number[], digits = 5): void {
  expect(found).toHaveLength(expected.length);
  for (const [index, value] of expected.entries()) expect(found[index], `class ${index}`).toBeCloseTo(value, digits);
}

const unit = (value: number) => value / 255;
const imagenet = (value: number, channel: number) => (value / 255 - [0.485, 0.456, 0.406][channel]!) / [0.229, 0.224, 0.225][channel]!;

describe('an adopted file gives what its maker means', () => {
  it.each<[string, ProbeOptions, AdoptOptions, number[]]>([
    ['0…1', {}, { normalisation: 'unit' }, scoresOf(unit)],
    ['−1…1', {}, { normalisation: 'tf' }, scoresOf((value) => value / 127.5 - 1)],
    ['torchvision', {}, { normalisation: 'imagenet' }, scoresOf(imagenet)],
    ["ImageNet's mean", {}, { normalisation: 'imagenet-mean' }, scoresOf((value, at) => (value - [123.68, 116.78, 103.94][at]!) / 255)],
    ['channels last', { layout: 'nhwc' }, { normalisation: 'imagenet' }, scoresOf(imagenet)],
    ['blue first', {}, { normalisation: 'unit', colour: 'bgr' }, scoresOf(unit, [2, 1, 0])],
    ['blue first, channels last', { layout: 'nhwc' }, { normalisation: 'unit', colour: 'bgr' }, scoresOf(unit, [2, 1, 0])],
    [
      'Caffe',
      {},
      { normalisation: { mean: [103.939, 116.779, 123.68], std: [100], range: 255 }, colour: 'bgr' },
      scoresOf((value, channel) => (value - [103.939, 116.779, 123.68][channel]!) / 100, [2, 1, 0]),
    ],
    ['numbers of its own', {}, { normalisation: { mean: [0.5], std: [0.25] } }, scoresOf((value) => (value / 255 - 0.5) / 0.25)],
    ['open batch and size', { dims: ['N', 3, 'H', 'W'] }, { normalisation: 'unit', rho: 32 }, scoresOf(unit)],
    ['sizes written as -1', { dims: ['', '', '', 3], layout: 'nhwc' }, { normalisation: 'unit', rho: 32 }, scoresOf(unit)],
    ['scores in one row', { shape: 'flat' }, { normalisation: 'unit' }, scoresOf(unit)],
    ['scores as a map', { shape: 'map' }, { normalisation: 'unit' }, scoresOf(unit)],
    ['a softmax of its own', { ending: 'Softmax' }, { normalisation: 'unit' }, scoresOf(unit)],
    ['a softmax in single steps', { ending: 'spelled out' }, { normalisation: 'unit' }, scoresOf(unit)],
    ['log-probabilities', { ending: 'LogSoftmax' }, { normalisation: 'unit' }, scoresOf(unit)],
    ["the contract's own names", { input: 'probabilities', output: 'image' }, { normalisation: 'unit' }, scoresOf(unit)],
  ])('%s', async (_, model, options, scores) => {
    const { file, variant } = await adopt(probe(model), options);
    expect(variant).toMatchObject({ family: 'other', rho: 32, classes: 6, precision: 'float32', labels });
    expectClose(await answer(file), softmax(scores));
  });

  it('half precision in', async () => {
    const { file } = await adopt(probe({ type: 'float16' }), { normalisation: 'imagenet' });
    expectClose(await answer(file), softmax(scoresOf(imagenet)), 2);
  });

  it('half precision throughout: as the same network in float32, to three digits', async () => {
    const options: AdoptOptions = { normalisation: 'imagenet', labels: ['a', 'b', 'c', 'd'] };
    const [single, half] = [convolutional(13), inHalves(convolutional(13))];
    const adopted = await adopt(encodeModel(half), options);
    expect(adopted.notes.join()).toContain('half precision stays as it is; the metadata calls it float32');
    expect(decodeModel(adopted.file).graph.initializers.find(({ name }) => name === 'fc.w')?.type).toBe('float16');
    expectClose(await answer(adopted.file), await answer((await adopt(encodeModel(single), options)).file), 2);
  });

  it.each(['uint8', 'int8'] as const)('%s in: pixels as they are', async (type) => {
    // The probe's means are whole numbers far apart: a softmax of them would say nothing, so they are brought near each other first.
    const model = probeGraph({ type, output: 'far' });
    model.graph.initializers.push({ name: 'small', type: 'float32', dims: [], data: Float32Array.of(1 / 255) });
    model.graph.nodes.push({ op: 'Mul', name: 'near', inputs: ['far', 'small'], outputs: ['scores'], attributes: {} });
    model.graph.outputs = [{ name: 'scores', type: 'float32', dims: [1, 6] }];
    const { file } = await adopt(encodeModel(model));
    expectClose(await answer(file), softmax(scoresOf(unit)));
  });

  it.each(['nchw', 'nhwc'] as const)('grey, %s: the luminance of Pillow, in whole numbers', async (layout) => {
    const { file } = await adopt(probe({ layout, channels: 1 }), { normalisation: 'unit', labels: ['upper', 'lower'] });
    const grey = ([red, green, blue]: number[]) => Math.round(0.299 * red! + 0.587 * green! + 0.114 * blue!) / 255;
    expectClose(await answer(file), softmax([grey(upper), grey(lower)]), 6);
  });

  it.each<[string, ProbeOptions, AdoptOptions, (x: number, y: number) => boolean]>([
    ['wide', { height: 32, width: 64 }, {}, (_, y) => y >= 16 && y < 48],
    ['wide, channels last', { height: 32, width: 64, layout: 'nhwc' }, {}, (_, y) => y >= 16 && y < 48],
    ['tall', { height: 64, width: 32 }, {}, (x) => x >= 16 && x < 48],
    [
      'wide, of open size',
      { height: 32, width: 64, dims: ['N', 3, '', ''] },
      { size: { height: 32, width: 64 } },
      (_, y) => y >= 16 && y < 48,
    ],
  ])('an image that is not square, %s: the middle of the frame, undistorted', async (_, model, options, isSeen) => {
    const { file, variant, notes } = await adopt(probe(model), { normalisation: 'unit', fit: 'crop', ...options });
    const wide = Uint8Array.from({ length: 64 * 64 * 3 }, (__, at) => {
      const [x, y] = [Math.floor(at / 3) % 64, Math.floor(at / 192)];
      return isSeen(x, y) ? (y < 32 ? upper : lower)[at % 3]! : (at * 7) % 256;
    });
    expect(variant.rho).toBe(64);
    expect(notes.join()).toContain('of each frame of 64 pixels a side the model sees rows');
    expectClose(await answer(file, wide), softmax(scoresOf(unit)));
  });

  it.each<[string, boolean, RegExp]>([
    ['a logit', false, /one logit, for two classes/],
    ['behind a sigmoid', true, /ends in Sigmoid: one score p, for two classes, 1 − p and p/],
  ])('one score, %s, stands for two classes', async (_, behindSigmoid, note) => {
    const model = probeGraph();
    const { graph } = model;
    graph.nodes[1] = { op: 'ReduceMean', name: 'one', inputs: ['halves'], outputs: ['logit'], attributes: { axes: ints([1, 2, 3]) } };
    if (behindSigmoid) graph.nodes.push({ op: 'Sigmoid', name: 'sigmoid', inputs: ['logit'], outputs: ['p'], attributes: {} });
    graph.outputs = [{ name: behindSigmoid ? 'p' : 'logit', type: 'float32' }];
    const { file, notes } = await adopt(encodeModel(model), { normalisation: 'unit', labels: ['no', 'yes'] });
    const mean = scoresOf(unit).reduce((sum, score) => sum + score, 0) / 6;
    const yes = 1 / (1 + Math.exp(-mean));
    expectClose(await answer(file), [1 - yes, yes]);
    expect(notes.join()).toMatch(note);
  });

  it('independent probabilities stay as they are', async () => {
    const { file, notes } = await adopt(probe({ ending: 'Sigmoid' }), { normalisation: 'unit' });
    expectClose(
      await answer(file),
      scoresOf(unit).map((score) => 1 / (1 + Math.exp(-score))),
    );
    expect(notes.join()).toContain('independent');
  });

  it.each([9, 10, 11, 12, 13, 15, 17, 19, 21, 24, 26])('opset %i, as a network of layers', async (opset) => {
    const model = convolutional(opset);
    const { file, variant, notes } = await adopt(encodeModel(model), { normalisation: 'imagenet', labels: ['a', 'b', 'c', 'd'] });
    // 16 × 16 positions of 3·3·3 weights for 8 filters; 14 × 14 of 3·3 for 8; 8 numbers for 4 classes.
    expect(variant).toMatchObject({ multiplyAdds: 256 * 216 + 196 * 72 + 32, parameters: 216 + 16 + 72 + 36, rho: 32 });
    expect(decodeModel(file)).toMatchObject({ opset, graph: { inputs: [{ name: 'image', type: 'uint8', dims: [1, 32, 32, 3] }] } });
    expect(notes.at(-1)).toMatch(/differ from the model's own by at most \d/);
  });
});

describe('what is not asked for stays as it was', () => {
  it('nodes and weights, byte for byte; foreign metadata; the producer', async () => {
    const model = { ...convolutional(13), producer: 'somebody', metadata: { note: 'ours', 'alpharho.family': 'v1' } };
    const { file } = await adopt(encodeModel(model), { normalisation: 'unit', labels: ['a', 'b', 'c', 'd'] });
    const after = decodeModel(file);
    expect(after.producer).toBe('somebody');
    expect(after.metadata).toMatchObject({ note: 'ours', 'alpharho.family': 'other' });
    const before = decodeModel(encodeModel(model)).graph;
    for (const node of before.nodes) expect(after.graph.nodes).toContainEqual(node);
    for (const tensor of before.initializers) expect(after.graph.initializers).toContainEqual(tensor);
    expect(graphCost(after.graph).uncounted).toEqual([]);
  });

  it('and the same model and options give the same bytes', async () => {
    const [a, b] = await Promise.all([adopt(probe(), { normalisation: 'tf' }), adopt(probe(), { normalisation: 'tf' })]);
    expect(a.variant.sha256).toBe(b.variant.sha256);
  });

  it('except what the chosen output does not depend on', async () => {
    const model = convolutional(17);
    const { graph } = model;
    graph.nodes.push({ op: 'Tanh', name: 'other', inputs: ['flat'], outputs: ['embedding'], attributes: {} });
    graph.outputs.push({ name: 'embedding', type: 'float32', dims: ['N', 8] });
    // As files of IR 3 have it: weights stand among the inputs too.
    graph.inputs.push({ name: 'fc.w', type: 'float32', dims: [4, 8] });
    const file = encodeModel(model);
    const options: AdoptOptions = { normalisation: 'unit', labels: ['a', 'b', 'c', 'd'] };
    await expect(adopt(file, options)).rejects.toThrow(
      refusal('config_invalid', '2 outputs; choose one with --output-name: "logits" float32 [N, 4], "embedding" float32 [N, 8]'),
    );
    await expect(adopt(file, { ...options, output: 'probs' })).rejects.toThrow(refusal('config_invalid', 'no output "probs"'));
    const { file: adopted, notes } = await adopt(file, { ...options, output: 'logits' });
    expect(notes.join()).toContain('left out: 1 of 8 nodes');
    expect(decodeModel(adopted).graph.nodes.map(({ op }) => op)).not.toContain('Tanh');
  });
});

describe('class names', () => {
  const options: AdoptOptions = { normalisation: 'unit', labels: undefined };
  const list = labels.map((label) => `'${label}'`);

  it.each<[string, Record<string, string>]>([
    ['a Python dictionary', { names: `{${list.map((label, index) => `${index}: ${label}`).join(', ')}}` }],
    ['a Python list', { classes: `[${list.join(', ')}]` }],
    ['JSON', { labels: JSON.stringify(labels) }],
    ['JSON by index', { id2label: JSON.stringify(Object.fromEntries(labels.map((label, index) => [index, label]))) }],
    ['lines', { class_names: labels.join('\n') }],
    ['commas', { Labels: labels.join(', ') }],
  ])('are read from the metadata: %s', async (_, metadata) => {
    const { variant, labelsFrom } = await adopt(probe({ metadata }), options);
    expect(variant.labels).toEqual(labels);
    expect(labelsFrom).toBe(`"${Object.keys(metadata)[0]}" in the file's metadata`);
  });

  it.each(["{0: 'a', 5: 'b'}", '{"0": "a", "5": "b"}', "{0: 'a', 1: ''}", "['a', 2, 'c', 'd', 'e', 'f']"])(
    'are all there or not at all: %s',
    async (names) => {
      await expect(adopt(probe({ metadata: { names } }), options)).rejects.toThrow(
        refusal('config_invalid', 'nothing names the 6 classes'),
      );
    },
  );

  it('are not looked for in megabytes', async () => {
    const metadata = { names: `${' '.repeat(1_000_000)}${JSON.stringify(labels)}` };
    await expect(adopt(probe({ metadata }), options)).rejects.toThrow(refusal('config_invalid', 'nothing names the 6 classes'));
  });

  it('come with the normalisation where Ultralytics wrote the file', async () => {
    const metadata = { author: 'Ultralytics', task: 'classify', names: `{${list.map((label, index) => `${index}: ${label}`).join(', ')}}` };
    const { file } = await adopt(probe({ metadata, ending: 'Softmax' }), { labels: undefined });
    expectClose(await answer(file), softmax(scoresOf(unit)));
  });

  it('are looked for elsewhere, or numbered only when told to', async () => {
    await expect(adopt(probe({ metadata: { names: '[]' } }), options)).rejects.toThrow(
      refusal('config_invalid', 'nothing names the 6 classes; give a list with --labels, or --allow-numbered'),
    );
    const found = await adopt(probe(), {
      ...options,
      findLabels: async (classes) => ({ labels: labels.slice(0, classes), from: 'a drawer' }),
    });
    expect(found).toMatchObject({ labelsFrom: 'a drawer', variant: { labels } });
    const numbered = await adopt(probe(), { ...options, numbered: true });
    expect(numbered.variant.labels[5]).toBe('class 5');
  });
});

describe('quantized graphs', () => {
  it.each(['QDQ', 'QOperator'] as const)('in %s form are adopted, and said to be int8', async (form) => {
    const file = encodeModel(quantizedProbe(form));
    const { file: adopted, variant } = await adopt(file, { normalisation: 'unit' });
    expect(variant.precision).toBe('int8');
    expectClose(await answer(adopted), softmax(scoresOf(unit)), 2);
  });
});

/** The probe behind a 1×1 convolution that changes nothing, in int8. */
function quantizedProbe(form: 'QDQ' | 'QOperator'): OnnxModel {
  const builder = new GraphBuilder('quantized');
  const image = builder.input('pixels', 'float32', [1, 3, 32, 32]);
  const scale = builder.constant('scale', 'float32', [], Float32Array.of(1 / 255));
  const zero = builder.constant('zero', 'uint8', [], Uint8Array.of(0));
  const identity = Int8Array.from({ length: 9 }, (_, index) => (index % 4 === 0 ? 127 : 0));
  const weights = builder.constant('weights', 'int8', [3, 3, 1, 1], identity);
  const weightScale = builder.constant('weights.scale', 'float32', [], Float32Array.of(1 / 127));
  const weightZero = builder.constant('weights.zero', 'int8', [], Int8Array.of(0));
  const bytes = builder.node('QuantizeLinear', 'bytes', [image, scale, zero]);
  const attributes = { kernel_shape: ints([1, 1]) };
  const convolved =
    form === 'QOperator'
      ? builder.node('QLinearConv', 'conv', [bytes, scale, zero, weights, weightScale, weightZero, scale, zero], attributes)
      : builder.node('QuantizeLinear', 'conv.bytes', [
          builder.node(
            'Conv',
            'conv',
            [
              builder.node('DequantizeLinear', 'pixels.real', [bytes, scale, zero]),
              builder.node('DequantizeLinear', 'weights.real', [weights, weightScale, weightZero]),
            ],
            attributes,
          ),
          scale,
          zero,
        ]);
  const real = builder.node('DequantizeLinear', 'real', [convolved, scale, zero]);
  const halves = builder.node('AveragePool', 'halves', [real], { kernel_shape: ints([16, 32]), strides: ints([16, 32]) });
  builder.node('Flatten', 'flatten', [halves], { axis: int(1) }, 'scores');
  builder.output('scores', 'float32', [1, 6]);
  return { ...builder.finish({}), opset: 13 };
}

describe('the check at the end', () => {
  /** A runtime that is a little off, the second time it is asked. */
  const off = (by: number): RunTrial => {
    let calls = 0;
    return async (trial) => {
      const answers = await runTrial(trial);
      return calls++ === 0 ? answers : answers.map(({ dims, values }) => ({ dims, values: values.map((value) => value + by) }));
    };
  };

  it('refuses a file that answers otherwise than its model', async () => {
    await expect(adopt(probe(), { normalisation: 'unit', run: off(2e-5) })).rejects.toThrow(
      refusal('model_not_variant', 'answers otherwise than the model itself: probabilities differ by 0.000020, at most 0.00001 is taken'),
    );
    await expect(adopt(probe(), { normalisation: 'unit', run: off(Number.NaN) })).rejects.toThrow(
      refusal('model_not_variant', 'differ by Infinity'),
    );
  });

  it('takes what rounding makes', async () => {
    const { notes } = await adopt(probe(), { normalisation: 'unit', run: off(5e-6) });
    expect(notes.at(-1)).toMatch(/differ from the model's own by at most 0\.00000[56]$/);
  });
});

describe('a process of its own', () => {
  it('tries files without a runtime given, and gives the same', async () => {
    const here = await adopt(probe(), { normalisation: 'imagenet' });
    const there = await adoptOnnx(probe(), { normalisation: 'imagenet', labels });
    expect(there.variant).toEqual(here.variant);
  });

  it('is what a file ends that wants more memory than there is', async () => {
    const model = probeGraph();
    model.graph.initializers.push({ name: 'huge', type: 'int64', dims: [3], data: BigInt64Array.of(1n << 20n, 1n << 12n, 6n) });
    model.graph.nodes.push({ op: 'Expand', name: 'bomb', inputs: ['scores', 'huge'], outputs: ['blown'], attributes: {} });
    model.graph.nodes.push({ op: 'ReduceMean', name: 'mean', inputs: ['blown'], outputs: ['all'], attributes: { axes: ints([0, 1]) } });
    model.graph.outputs = [{ name: 'all', type: 'float32', dims: [1, 6] }];
    await expect(adoptOnnx(encodeModel(model), { normalisation: 'unit', labels })).rejects.toThrow(
      refusal('warmup_failed', /^the model .{20,}$/),
    );
  });

  it('has its time, too', async () => {
    const trials = openTrialProcess(1);
    const options: AdoptOptions = { normalisation: 'unit', labels, run: trials.run };
    await expect(adoptOnnx(probe(), options)).rejects.toThrow(refusal('warmup_failed', 'the model does not answer within 0.001 seconds'));
    trials.close();
  });

  it('stops on request', async () => {
    const controller = new AbortController();
    const adoption = adoptOnnx(probe(), { normalisation: 'unit', labels, signal: controller.signal });
    controller.abort(new Error('enough'));
    await expect(adoption).rejects.toThrow('enough');
  });
});

describe('a model that takes any size', () => {
  const open = (layout: 'nchw' | 'nhwc', channels: number): OnnxModel => {
    const builder = new GraphBuilder('open');
    let value = builder.input('pixels', 'float32', layout === 'nchw' ? ['N', channels, 'H', 'W'] : ['N', 'H', 'W', channels]);
    if (layout === 'nhwc') value = builder.node('Transpose', 'planes', [value], { perm: ints([0, 3, 1, 2]) });
    const weights = Float32Array.from({ length: 6 * channels * 9 }, (_, index) => ((index * 37) % 19) / 50 - 0.18);
    const kernel = builder.constant('kernel', 'float32', [6, channels, 3, 3], weights);
    value = builder.node('Conv', 'conv', [value, kernel], { strides: ints([2, 2]), pads: ints([0, 0, 1, 1]) });
    value = builder.node('GlobalAveragePool', 'pool', [builder.node('Relu', 'relu', [value])]);
    builder.node('Flatten', 'scores', [value], { axis: int(1) });
    builder.output('scores', 'float32', ['N', 6]);
    return builder.finish({});
  };

  it.each([
    ['nchw', 3, 'imagenet'],
    ['nhwc', 3, 'imagenet'],
    ['nhwc', 1, 'unit'],
  ] as const)('serves several: %s with %i channels', async (layout, channels, normalisation) => {
    const { file, variant, notes } = await adopt(encodeModel(open(layout, channels)), { normalisation, rho: 64, rhos: [96, 64, 32] });
    expect(variant).toMatchObject({ rho: 64, rhos: [96, 64, 32] });
    expect(readVariant(file)).toEqual(variant);
    expect(notes).toContainEqual(expect.stringContaining('serves: ρ 96, 64, 32'));
  });

  it('is the same file as ever where it serves one', async () => {
    const bytes = encodeModel(open('nhwc', 3));
    const options = { normalisation: 'imagenet', rho: 64 } as const;
    expect(Buffer.compare((await adopt(bytes, { ...options, rhos: [64] })).file, (await adopt(bytes, options)).file)).toBe(0);
  });

  it('is refused where it takes one only', async () => {
    const fixed = encodeModel(probeGraph());
    await expect(adopt(fixed, { normalisation: 'unit', rhos: [64, 32] })).rejects.toEqual(
      refusal('config_invalid', 'export it with open sides'),
    );
    // The sides are declared open, and the graph halves a picture of 32 pixels.
    const halves = encodeModel(probeGraph({ dims: ['N', 3, 'H', 'W'] }));
    await expect(adopt(halves, { normalisation: 'unit', rho: 32, rhos: [64, 32] })).rejects.toEqual(
      expect.objectContaining({ message: expect.stringMatching(/^at ρ 64: /) }),
    );
  });
});
