/** @file The ONNX codec: what is written is read back, and no input whatever brings the reader down. */
import { isAlpharhoError } from '@alpharho/protocol';
import fc from 'fast-check';
import protobuf from 'protobufjs/light.js';
import { beforeAll, describe, expect, it } from 'vitest';
import { buildVariant } from '../zoo/build-variant.ts';
import { decodeModel } from './decode.ts';
import { elements, fromRaw } from './elements.ts';
import { encodeModel } from './encode.ts';
import { type Attribute, type ElementType, elementCount, type OnnxModel, type Tensor } from './model.ts';
import { modelType, type WireModel, type WireTensor } from './wire.ts';

const types = Object.keys(elements) as ElementType[];
const text = fc.string({ unit: 'binary', maxLength: 12 });
const safeInt = fc.maxSafeInteger();
const float32 = fc.float({ noNaN: true });

/** Any tensor, its elements random bits; NaN is left out, since it can be written in many ways. */
const tensor: fc.Arbitrary<Tensor> = fc
  .record({ name: text, type: fc.constantFrom(...types), dims: fc.array(fc.integer({ min: 0, max: 3 }), { maxLength: 4 }) })
  .chain(({ name, type, dims }) => {
    const bytes = elementCount(dims) * elements[type].bytes;
    return fc.uint8Array({ minLength: bytes, maxLength: bytes }).map((raw) => ({ name, type, dims, data: fromRaw(type, raw) }) as Tensor);
  })
  .filter(({ data }) => !(data instanceof Float32Array || data instanceof Float64Array) || !data.some(Number.isNaN));

const attribute: fc.Arbitrary<Attribute> = fc.oneof(
  safeInt.map((value) => ({ type: 'int' as const, value })),
  fc.array(safeInt, { maxLength: 4 }).map((value) => ({ type: 'ints' as const, value })),
  float32.map((value) => ({ type: 'float' as const, value })),
  fc.array(float32, { maxLength: 4 }).map((value) => ({ type: 'floats' as const, value })),
  text.map((value) => ({ type: 'string' as const, value })),
  fc.array(text, { maxLength: 4 }).map((value) => ({ type: 'strings' as const, value })),
  tensor.map((value) => ({ type: 'tensor' as const, value })),
);

const valueInfo = fc.record(
  {
    name: text,
    type: fc.constantFrom(...types),
    dims: fc.array(fc.oneof(fc.integer({ min: 0, max: 2 ** 31 - 1 }), text), { maxLength: 4 }),
  },
  { requiredKeys: ['name', 'type'] },
);

const version = fc.integer({ min: 1, max: 2 ** 31 - 1 });
const domain = fc.string({ unit: 'grapheme', minLength: 1, maxLength: 8 }).filter((name) => name !== 'ai.onnx');

const node = fc.record(
  {
    op: fc.string({ unit: 'grapheme', minLength: 1, maxLength: 10 }),
    name: text,
    domain,
    inputs: fc.array(text, { maxLength: 3 }),
    outputs: fc.array(text, { maxLength: 2 }),
    attributes: fc.dictionary(text, attribute, { maxKeys: 3, noNullPrototype: true }),
  },
  { requiredKeys: ['op', 'name', 'inputs', 'outputs', 'attributes'] },
);

const model: fc.Arbitrary<OnnxModel> = fc.record(
  {
    irVersion: version,
    opset: version,
    domains: fc.dictionary(domain, version, { minKeys: 1, maxKeys: 2, noNullPrototype: true }),
    producer: text,
    graph: fc.record({
      name: text,
      nodes: fc.array(node, { maxLength: 4 }),
      inputs: fc.array(valueInfo, { maxLength: 2 }),
      outputs: fc.array(valueInfo, { maxLength: 2 }),
      initializers: fc.array(tensor, { maxLength: 3 }),
    }),
    metadata: fc.dictionary(text, text, { maxKeys: 3, noNullPrototype: true }),
  },
  { requiredKeys: ['irVersion', 'opset', 'producer', 'graph', 'metadata'] },
);

/** What bytes may be called: random ones begin as another format does once in a while. */
const refusals = ['model_corrupt', 'model_not_variant', 'model_unsupported_operator'];

/** Decodes what may be anything: it may be refused, in one of our words, and nothing else may happen. */
function decodeAnything(bytes: Uint8Array): string {
  try {
    decodeModel(bytes);
    return 'read';
  } catch (error) {
    if (isAlpharhoError(error) && refusals.includes(error.code)) return error.code;
    throw error;
  }
}

const corrupt = (message: string) => expect.objectContaining({ code: 'model_corrupt', message: expect.stringContaining(message) });
const wire = (message: WireModel) => modelType.encode(message).finish();
const base: WireModel = { irVersion: 8, opsetImport: [{ domain: '', version: 17 }], graph: {} };
const withTensor = (of: WireTensor) => wire({ ...base, graph: { initializer: [{ name: 't', ...of }] } });

describe('encode and decode', () => {
  it('give back every model', () => {
    fc.assert(
      fc.property(model, (each) => {
        expect(decodeModel(encodeModel(each))).toEqual(each);
      }),
      { numRuns: 300 },
    );
  });

  it('give the same bytes for the same model', () => {
    fc.assert(fc.property(model, (each) => Buffer.compare(encodeModel(each), encodeModel(structuredClone(each))) === 0));
  });

  it('keep "to the end", 2^63 - 1, though a number cannot hold it', () => {
    const endless: OnnxModel = decodeModel(wire(base));
    endless.graph.nodes.push({ op: 'Slice', name: 's', inputs: [], outputs: [], attributes: { ends: { type: 'ints', value: [2 ** 63] } } });
    const written = modelType.decode(encodeModel(endless)) as WireModel;
    expect(String(written.graph?.node?.[0]?.attribute?.[0]?.ints?.[0])).toBe('9223372036854775807');
  });

  it('refuse to write a tensor whose values do not fit its dimensions', () => {
    const wrong = decodeModel(wire(base));
    wrong.graph.initializers.push({ name: 'w', type: 'float32', dims: [3], data: new Float32Array(2) });
    expect(() => encodeModel(wrong)).toThrow(expect.objectContaining({ code: 'internal' }));
  });
});

describe('typed data fields', () => {
  it.each<[ElementType, WireTensor, number[] | bigint[]]>([
    ['float32', { floatData: [1.5, -2] }, [1.5, -2]],
    ['int8', { int32Data: [-128, 127] }, [-128, 127]],
    ['uint8', { int32Data: [0, 255] }, [0, 255]],
    ['int16', { int32Data: [-32768, 5] }, [-32768, 5]],
    ['int32', { int32Data: [-(2 ** 31), 7] }, [-(2 ** 31), 7]],
    ['bool', { int32Data: [0, 1] }, [0, 1]],
    ['float16', { int32Data: [0x3c00, 0xbc00] }, [0x3c00, 0xbc00]],
    ['float64', { doubleData: [Math.PI, 1e300] }, [Math.PI, 1e300]],
    ['int64', { int64Data: [-1, Number.MAX_SAFE_INTEGER] }, [-1n, BigInt(Number.MAX_SAFE_INTEGER)]],
    ['uint32', { uint64Data: [0, 2 ** 32 - 1] }, [0, 2 ** 32 - 1]],
    ['uint64', { uint64Data: [0, 2 ** 40] }, [0n, 2n ** 40n]],
  ])('hold %s', (type, fields, expected) => {
    const read = decodeModel(withTensor({ dims: [2], dataType: elements[type].code, ...fields })).graph.initializers[0];
    expect(read).toMatchObject({ name: 't', type, dims: [2] });
    expect([...(read?.data ?? [])]).toEqual(expected);
  });

  it('may be written unpacked, as an old writer does', () => {
    const unpacked = protobuf.Writer.create();
    unpacked.uint32((1 << 3) | 0).uint32(2); // dims: 2
    unpacked.uint32((2 << 3) | 0).uint32(1); // data_type: FLOAT
    for (const value of [3, 4]) unpacked.uint32((4 << 3) | 5).float(value);
    const tensorBytes = unpacked.finish();
    const graph = protobuf.Writer.create()
      .uint32((5 << 3) | 2)
      .bytes(tensorBytes)
      .finish();
    const file = Buffer.concat([
      wire({ ...base, graph: undefined }),
      protobuf.Writer.create()
        .uint32((7 << 3) | 2)
        .bytes(graph)
        .finish(),
    ]);
    expect([...(decodeModel(file).graph.initializers[0]?.data ?? [])]).toEqual([3, 4]);
  });
});

describe('decodeModel of damaged files', () => {
  let file: Uint8Array;
  beforeAll(() => {
    file = buildVariant({ family: 'v1', alpha: 0.25, rho: 32, labels: ['a', 'b'], seed: 1 });
  });

  it('finds a file cut short, wherever it was cut', () => {
    const head = [...Array(3000).keys()];
    const tail = head.map((bytes) => file.length - 1 - bytes);
    const somewhere = Array.from({ length: 500 }, (_, i) => Math.floor((i / 500) * file.length));
    for (const length of [...head, ...somewhere, ...tail]) {
      expect(() => decodeModel(file.subarray(0, length)), `first ${length} bytes`).toThrow(corrupt('the ONNX file is damaged'));
    }
  });

  it('survives any bytes at all', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 4096 }), (bytes) => decodeAnything(bytes) !== 'read'),
      // The first is marked as a pickle.
      { numRuns: 2000, examples: [[Uint8Array.of(0x80, 2)]] },
    );
  });

  it('survives changed bytes', () => {
    const change = fc.record({ at: fc.nat({ max: file.length - 1 }), to: fc.integer({ min: 0, max: 255 }) });
    // Half of the changes hit the first kilobytes, where the structure is; weights may change unseen.
    const early = fc.record({ at: fc.nat({ max: 4000 }), to: fc.integer({ min: 0, max: 255 }) });
    fc.assert(
      fc.property(fc.array(fc.oneof(change, early), { minLength: 1, maxLength: 8 }), (changes) => {
        const damaged = Uint8Array.from(file);
        for (const { at, to } of changes) damaged[at] = to;
        decodeAnything(damaged);
      }),
      { numRuns: 300 },
    );
  });

  it('survives changed structure', () => {
    fc.assert(
      fc.property(
        model,
        fc.array(fc.record({ at: fc.nat(), to: fc.integer({ min: 0, max: 255 }) }), { minLength: 1, maxLength: 4 }),
        (each, changes) => {
          const damaged = Uint8Array.from(encodeModel(each));
          for (const { at, to } of changes) damaged[at % damaged.length] = to;
          decodeAnything(damaged);
        },
      ),
      { numRuns: 1000 },
    );
  });

  it.each<[string, Uint8Array, string]>([
    ['nothing', new Uint8Array(), 'the file is empty'],
    ['text', Buffer.from('this is not a model'), 'no ONNX file at all'],
    ['no graph', wire({ ...base, graph: undefined }), 'it has no graph'],
    ['no operator set', wire({ ...base, opsetImport: [] }), 'names no ONNX operator set'],
    ['no version', wire({ ...base, irVersion: 0 }), 'its ir_version is 0'],
    ['a node without operator', wire({ ...base, graph: { node: [{ name: 'n' }] } }), 'node "n" names no operator'],
    ['too few values', withTensor({ dims: [3], dataType: 1, floatData: [1] }), 'initializer "t": 1 values for dimensions [3]'],
    ['half a value', withTensor({ dims: [1], dataType: 1, rawData: new Uint8Array(3) }), '0.75 values for dimensions [1]'],
    ['dimensions beyond all memory', withTensor({ dims: [2 ** 31 - 1, 2 ** 31 - 1, 2 ** 31 - 1], dataType: 1 }), '0 values'],
    ['more dimensions than any tensor has', withTensor({ dims: Array(33).fill(1), dataType: 1 }), 'has 33 dimensions, at most 32 are read'],
    ['two graphs, which readers merge', Buffer.concat([wire(base), wire({ graph: {} })]), 'Model.graph stands twice'],
    ['a negative dimension', withTensor({ dims: [-1], dataType: 1 }), 'has a dimension of -1'],
    ['a tensor of no type', withTensor({ dims: [0] }), 'has no element type'],
    ['a key twice', wire({ ...base, metadataProps: [{ key: 'a' }, { key: 'a', value: 'b' }] }), 'metadata key "a" stands twice'],
    [
      'an attribute twice',
      wire({
        ...base,
        graph: {
          node: [
            {
              opType: 'Conv',
              name: 'c',
              attribute: [
                { name: 'x', type: 2 },
                { name: 'x', type: 2 },
              ],
            },
          ],
        },
      }),
      'Conv node "c": attribute "x" stands twice',
    ],
    [
      'an attribute of no kind',
      wire({ ...base, graph: { node: [{ opType: 'Conv', name: 'c', attribute: [{ name: 'x', type: 99 }] }] } }),
      'unknown type 99',
    ],
  ])('refuses %s', (_, bytes, message) => {
    expect(() => decodeModel(bytes)).toThrow(corrupt(message));
  });

  it('does not let a name break out of the error line', () => {
    const bytes = wire({ ...base, graph: { node: [{ name: `evil\n\u001b[2J${'x'.repeat(500)}` }] } });
    expect(() => decodeModel(bytes)).toThrow(expect.objectContaining({ message: expect.stringMatching(/^[^\p{Cc}]{1,200}$/u) }));
  });

  it('refuses a small file that would unfold into gigabytes, at once', () => {
    const emptyNode = Buffer.from([0x0a, 0x00]);
    const graph = Buffer.alloc(8_000_000, emptyNode);
    const bomb = Buffer.concat([
      wire({ ...base, graph: undefined }),
      protobuf.Writer.create()
        .uint32((7 << 3) | 2)
        .bytes(graph)
        .finish(),
    ]);
    expect(() => decodeModel(bomb)).toThrow(corrupt('unfolds into more than'));
    const dims = withTensor({ dims: Array(5_000_000).fill(1), dataType: 1 });
    expect(() => decodeModel(dims)).toThrow(corrupt('unfolds into more than'));
  });

  it('takes a model whose weights are all in typed fields', () => {
    const million = Array(1_000_000).fill(0.5);
    const read = decodeModel(withTensor({ dims: [1_000_000], dataType: 1, floatData: million }));
    expect(read.graph.initializers[0]?.data.length).toBe(1_000_000);
  });
});

describe('decodeModel of other formats', () => {
  it.each<[string, Buffer, string]>([
    [
      'TFLite',
      Buffer.from('\u001c\u0000\u0000\u0000TFL3 and so on', 'latin1'),
      'this is a TFLite file; convert it with "mobilenet import"',
    ],
    ['PyTorch', Buffer.from('PK\u0003\u0004\u0000\u0000archive/data.pkl', 'latin1'), 'this is a ZIP archive, as PyTorch'],
    [
      'Keras',
      Buffer.from('\u0089HDF\r\n\u001a\n', 'latin1'),
      'this is an HDF5 file, as Keras saves; export the model to ONNX with tf2onnx',
    ],
    ['a page in place of a download', Buffer.from('<!DOCTYPE html><title>404</title>'), 'this is a web page'],
    ['a pointer in place of a file', Buffer.from('version https://git-lfs.github.com/spec/v1\noid sha256:0'), 'run "git lfs pull"'],
  ])('says that it is %s, and what to do', (_, bytes, message) => {
    expect(() => decodeModel(bytes)).toThrow(
      expect.objectContaining({ code: 'model_not_variant', message: expect.stringContaining(message) }),
    );
  });
});

describe('decodeModel of sound files that are not for us', () => {
  it.each<[string, Uint8Array, string]>([
    ['text tensors', withTensor({ dims: [1], dataType: 8 }), 'initializer "t" holds text'],
    ['weights in another file', withTensor({ dims: [1], dataType: 1, dataLocation: 1 }), 'keeps its values in another file'],
    [
      'sub-graphs',
      wire({ ...base, graph: { node: [{ opType: 'If', name: 'i', attribute: [{ name: 'then_branch', type: 5 }] }] } }),
      'If node "i": attribute "then_branch" is a graph',
    ],
    ['inputs that are no tensors', wire({ ...base, graph: { input: [{ name: 's', type: {} }] } }), 'input "s" is no tensor'],
    [
      'outputs of ZipMap',
      wire({ ...base, graph: { output: [{ name: 'p', type: { sequenceType: {} } }] } }),
      'output "p" is no tensor but of kind sequence; a ZipMap node makes such: convert with options={\'zipmap\': False}',
    ],
    ['half precision of another kind', withTensor({ dims: [1], dataType: 16 }), 'initializer "t" holds bfloat16 numbers'],
    ['functions', wire({ ...base, functions: [{}] }), 'it defines functions of its own; inline them'],
    ['training graphs', wire({ ...base, trainingInfo: [{}] }), 'it is a training graph'],
    ['sparse weights', wire({ ...base, graph: { sparseInitializer: [{}] } }), 'it has sparse initializers'],
  ])('names %s', (_, bytes, message) => {
    expect(() => decodeModel(bytes)).toThrow(
      expect.objectContaining({ code: 'model_unsupported_operator', message: expect.stringContaining(message) }),
    );
  });

  it('reads an open dimension written as -1', () => {
    const input = [
      { name: 'x', type: { tensorType: { elemType: 1, shape: { dim: [{ dimValue: -1 }, { dimValue: 3 }, { dimParam: 'H' }, {}] } } } },
    ];
    expect(decodeModel(wire({ ...base, graph: { input } })).graph.inputs[0]?.dims).toEqual(['', 3, 'H', '']);
  });
});
