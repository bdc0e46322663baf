/** @file TFLite files made to bring the import down: each ends in one line after little work, and in bounded memory. */
import { deflateRawSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { fuzz } from '../src/fuzz/fuzz.ts';
import { tfliteTarget } from '../src/fuzz/tflite.ts';
import { importTflite } from '../src/index.ts';
import { furtherModel } from './support/further-models.ts';
import { int8, operatorCodes, type WrittenModel, type WrittenTensor, writeTflite } from './support/tflite-writer.ts';
import { tinyClasses, tinyModel } from './support/tiny-models.ts';
import { writeZip } from './support/zip-writer.ts';

/** Milliseconds of work, whatever else the machine does. */
const cpu = () => process.cpuUsage().user / 1000;
/** Without bounds these files cost minutes and gigabytes; within them a slow machine needs less than this. */
const mostMs = 10_000;
const mostMegabytes = 500;
/** Megabytes that this process has held at most so far. */
const peak = () => process.resourceUsage().maxRSS / 1024;

/** What becomes of the file, and what it cost. */
function attempt(bytes: Uint8Array): { code: string; message: string; ms: number } {
  const began = cpu();
  try {
    importTflite(bytes);
    return { code: 'imported', message: '', ms: cpu() - began };
  } catch (error) {
    const { code = 'none', message = String(error) } = error as { code?: string; message?: string };
    return { code, message, ms: cpu() - began };
  }
}

/** The tiny model with something changed. */
function changed(change: (model: WrittenModel) => void, model = tinyModel('uint8')): Uint8Array {
  change(model);
  return writeTflite(model);
}

/** An operator in front of the first: what it makes is read by nobody, but it is converted. */
function inFront(model: WrittenModel, name: keyof typeof operatorCodes, times: number, inputs: number[], shape: number[]): void {
  const { scales, zeroPoints, type } = model.tensors[model.inputs[0]!]!;
  const added = Array.from({ length: times }, () => {
    const output = model.tensors.push({ shape, type, ...(scales ? { scales } : {}), ...(zeroPoints ? { zeroPoints } : {}) }) - 1;
    return { code: operatorCodes[name], inputs, outputs: [output], options: { 0: int8(0) } };
  });
  model.operators.unshift(...added);
}

const megabyte = 2 ** 20;

/** Name, file, what the refusal says. */
const hostile: [string, () => Uint8Array, RegExp][] = [
  [
    'a shape of 2^93 elements',
    () => changed((model) => (model.tensors[2]!.shape = [2 ** 31 - 1, 2 ** 31 - 1, 2 ** 31 - 1])),
    /claims the shape/,
  ],
  ['a negative shape', () => changed((model) => (model.tensors[2]!.shape = [1, -16, 16, 8])), /claims the shape/],
  [
    'sixty million classes',
    () => changed((model) => (model.tensors[model.outputs[0]!]!.shape = [1, 60_000_000])),
    /60000000 classes, at most 100000/,
  ],
  [
    'a constant of megabytes that a thousand sums share',
    () =>
      changed((model) => {
        const side = 32;
        const shape = [1, side, side, 3];
        const shared = model.tensors.push({ ...model.tensors[model.inputs[0]!]!, shape, data: new Uint8Array(side * side * 3) }) - 1;
        // Each holds 12 kB as float32; the file is 100 kB.
        inFront(model, 'ADD', 1000, [model.inputs[0]!, shared], shape);
      }),
    /constants unfold into more than/,
  ],
  [
    'a list of scales that eight thousand tensors share',
    () => sharing({ shape: [1], type: 'uint8', scales: Array<number>(60_000).fill(1), zeroPoints: Array<number>(60_000).fill(0) }),
    /more than 1000000 scales/,
  ],
  [
    'ten thousand operators',
    () => changed((model) => inFront(model, 'LOGISTIC', 10_000, [model.inputs[0]!], [1, 32, 32, 3])),
    /operators claims|claims \d+ entries/,
  ],
  [
    'a permutation of a million dimensions',
    () =>
      changed((model) => {
        const order = model.tensors.push({ shape: [megabyte], type: 'int32', data: new Int32Array(megabyte) }) - 1;
        inFront(model, 'TRANSPOSE', 1, [model.inputs[0]!, order], [1, 32, 32, 3]);
      }),
    /permutation are more than 64 numbers/,
  ],
  [
    'an operator that reads what it makes',
    () => changed((model) => (model.operators[1]!.inputs[0] = model.operators[1]!.outputs[0]!)),
    /before any operator makes it/,
  ],
  [
    'a padding of itself',
    () => changed((model) => selfPad(model), furtherModel('uint8')),
    /is made twice|before any operator makes it|works out as/,
  ],
  [
    'operators in a circle',
    () => changed((model) => (model.operators[1]!.inputs[0] = model.operators[2]!.outputs[0]!)),
    /before any operator makes it|do not fit/,
  ],
  [
    'a tensor that two operators make',
    () => changed((model) => (model.operators[3]!.outputs = model.operators[2]!.outputs)),
    /is made twice/,
  ],
  [
    'an input that is a constant',
    () => changed((model) => (model.tensors[model.inputs[0]!]!.data = new Uint8Array(32 * 32 * 3))),
    /is a constant/,
  ],
];

function selfPad(model: WrittenModel): void {
  const pad = model.operators.find(({ code }) => code === operatorCodes.PAD)!;
  pad.inputs[0] = pad.outputs[0]!;
}

/** The tiny model with one more tensor, eight thousand times in its list. */
const sharing = (tensor: WrittenTensor) => changed((model) => model.tensors.push(...Array<WrittenTensor>(8000).fill(tensor)));

/** A ZIP whose entries all unfold from the same packed bytes. */
function bomb(entries: number, unpacked: number, fill: string): Buffer {
  const packed = deflateRawSync(Buffer.alloc(unpacked, fill));
  const head = (name: string) => {
    const common = Buffer.alloc(26);
    common.writeUInt16LE(8, 4);
    common.writeUInt32LE(packed.length, 14);
    common.writeUInt32LE(unpacked, 18);
    common.writeUInt16LE(name.length, 22);
    return common;
  };
  const local = Buffer.concat([Buffer.from('PK\x03\x04', 'latin1'), head('labels.txt'), Buffer.from('labels.txt'), packed]);
  const directory = Buffer.concat(
    Array.from({ length: entries }, () =>
      Buffer.concat([Buffer.from('PK\x01\x02\x14\x00', 'latin1'), head('labels.txt'), Buffer.alloc(14), Buffer.from('labels.txt')]),
    ),
  );
  const end = Buffer.alloc(22);
  end.write('PK\x05\x06', 'latin1');
  end.writeUInt16LE(entries, 8);
  end.writeUInt16LE(entries, 10);
  end.writeUInt32LE(directory.length, 12);
  end.writeUInt32LE(local.length, 16);
  return Buffer.concat([local, directory, end]);
}

describe('a hostile file', () => {
  it.each(hostile)('with %s is refused in one line', (_, write, expected) => {
    const bytes = write();
    const before = peak();
    const { code, message, ms } = attempt(bytes);
    expect(['model_corrupt', 'model_not_variant', 'model_unsupported_operator'], message).toContain(code);
    expect(message).toMatch(expected);
    expect(message).toMatch(/^[^\n]{10,600}$/);
    expect(ms).toBeLessThan(mostMs);
    expect(peak() - before).toBeLessThan(mostMegabytes);
  });

  it.each<[string, () => Buffer, string]>([
    ['text without line breaks', () => bomb(1, 4_000_000, 'a'), 'imported'],
    ['nothing but line breaks', () => bomb(1, 4_000_000, '\n'), 'imported'],
    ['thousands of entries in the same bytes', () => bomb(60_000, 4_000_000, '\n'), 'imported'],
    ['more than label files hold', () => bomb(1, 2 ** 25, '\0'), 'model_corrupt'],
  ])('with a ZIP bomb for metadata (%s) costs little', (_, zip, outcome) => {
    const bytes = Buffer.concat([writeTflite(tinyModel('uint8')), zip()]);
    const before = peak();
    const { code, ms } = attempt(bytes);
    expect(code).toBe(outcome);
    expect(ms).toBeLessThan(mostMs);
    expect(peak() - before).toBeLessThan(mostMegabytes);
  });

  it('with a name of megabytes that eight thousand tensors share costs little', () => {
    const { code, ms } = attempt(sharing({ shape: [1], type: 'uint8', name: 'x'.repeat(4 * megabyte) }));
    expect(code).toBe('imported');
    expect(ms).toBeLessThan(mostMs);
  });

  it('with a ZIP that lies about what unfolds is refused', () => {
    const zip = bomb(1, 8_000_000, 'a');
    for (const mark of ['PK\x03\x04', 'PK\x01\x02'])
      zip.writeUInt32LE(1000, zip.indexOf(mark, 0, 'latin1') + (mark === 'PK\x03\x04' ? 22 : 24));
    expect(attempt(Buffer.concat([writeTflite(tinyModel('uint8')), zip]))).toMatchObject({ code: 'model_corrupt' });
  });

  it('whose label list has an empty line is imported without it', () => {
    const lines = Array.from({ length: tinyClasses }, (_, index) => (index === 2 ? '' : `label ${index}`));
    const bytes = Buffer.concat([writeTflite(tinyModel('uint8')), writeZip([{ name: 'labels.txt', text: lines.join('\n') }])]);
    expect(importTflite(bytes).labelsFrom).toEqual({ source: 'none' });
  });
});

describe('thousands of damaged files', () => {
  it.each([1, 2])('are imported, or refused in one line each (seed %s)', async (seed) => {
    const seeds = [
      Buffer.concat([writeTflite(tinyModel('uint8')), writeZip([{ name: 'labels.txt', text: 'a\nb\nc\nd\ne', deflated: true }])]),
      writeTflite(tinyModel('float32')),
      writeTflite(furtherModel('int8', { channelsFirst: true })),
      writeTflite(furtherModel('uint8', { channels: 1 })),
    ];
    const before = peak();
    const { findings, outcomes } = await fuzz(tfliteTarget(mostMs, seeds), { seed, runs: 1500, now: cpu });
    expect(findings).toEqual([]);
    expect(Object.keys(outcomes).length).toBeGreaterThan(3);
    expect(peak() - before).toBeLessThan(mostMegabytes);
  });
});
