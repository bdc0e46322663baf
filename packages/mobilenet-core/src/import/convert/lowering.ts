/** @file What the operator converters share: the graph under construction, and where each TFLite tensor lives in it. */
import { AlpharhoError } from '@alpharho/protocol';
import { GraphBuilder } from '../../graph/builder.ts';
import { ints } from '../../graph/model.ts';
import type { TfliteModel, TfliteOperator, TfliteTensor } from '../tflite-model.ts';
import type { Spend } from './budget.ts';
import type { Window } from './padding.ts';

/** How quantized weights are stored. Same arithmetic; int8 is faster in ONNX Runtime (`npm run bench` says by how much). */
export type WeightStorage = 'int8' | 'uint8';

/** Scale and zero point of a quantized activation, as uint8. */
export type ActivationQuantization = { scale: number; zeroPoint: number };

/** Rows and columns of padding value around a feature map. */
export type Margins = { top: number; left: number; bottom: number; right: number };

/** Where the axes of TFLite's [N, H, W, C] stand in the graph's [N, C, H, W], and the way back: axis i of the result is axis order[i] of the source. */
export const toGraphOrder = [0, 3, 1, 2] as const;
export const toTfliteOrder = [0, 2, 3, 1] as const;

/** int8 and uint8 hold the same values 128 apart; all activations are made uint8, which is what the contract's input is. */
export const int8Shift = 128;

/** Where an error is: at an operator, or at the graph's input. */
type Place = TfliteOperator | undefined;

function placeName(place: Place): string {
  return place ? `operator ${place.index} (${place.name})` : 'the input';
}

export function unsupported(operator: Place, detail: string): AlpharhoError {
  return new AlpharhoError('model_unsupported_operator', `${placeName(operator)}: ${detail}`);
}

export function damaged(operator: Place, detail: string): AlpharhoError {
  return new AlpharhoError('model_corrupt', `TFLite file: ${placeName(operator)}: ${detail}`);
}

/** A window that TensorFlow's SAME rule pads: by how much follows from the size of its input, and so from ρ. */
export type SamePadded = {
  operator: TfliteOperator;
  /** The graph's value that it reads, and the margins that it took over from a PAD in front of it. */
  value: string;
  margins: Margins;
  down: Window;
  across: Window;
};

/** What one convolution or fully connected layer is: the facts that tell architectures apart, and what it costs. */
export type ConvertedLayer = { depthwise: boolean; quantized: boolean; filters: number; multiplyAdds: number; parameters: number };

export type LoweringOptions = {
  weights: WeightStorage;
  resolutions: { rhos: readonly number[]; own: number };
  /** Counts the bytes of constants. */
  spend: Spend;
};

/**
 * One conversion under way. INVARIANT: a rank-4 TFLite tensor [N, H, W, C] lives in the graph as [N, C, H, W]; lower ranks as they are.
 */
export class Lowering {
  readonly builder: GraphBuilder;
  readonly weightStorage: WeightStorage;
  /** Every ρ that the graph is to serve, largest first, and the file's own. */
  readonly resolutions: { rhos: readonly number[]; own: number };
  /** In the order of the file. */
  readonly layers: ConvertedLayer[] = [];
  readonly samePadded: SamePadded[] = [];
  readonly #model: TfliteModel;
  readonly #values = new Map<number, string>();
  readonly #made = new Set<number>();
  /** Tensors whose node is written only once something reads them: often nothing does, because what follows takes the node's place. */
  readonly #pending = new Map<number, () => string>();
  readonly #transposed = new Map<number, { source: string; order: readonly number[] }>();
  readonly #padded = new Map<number, { source: TfliteTensor; margins: Margins }>();
  readonly #constants = new Set<string>();

  /** Counts the bytes of constants; to be called before they are copied. */
  readonly spend: Spend;

  constructor(model: TfliteModel, name: string, options: LoweringOptions) {
    this.builder = new GraphBuilder(name);
    this.weightStorage = options.weights;
    this.resolutions = options.resolutions;
    this.spend = options.spend;
    this.#model = model;
  }

  /** A tensor that an operator reads; refuses one that it needs and does not have. */
  input(operator: TfliteOperator, position: number, role: string): TfliteTensor {
    const tensor = this.optionalInput(operator, position);
    if (!tensor) throw damaged(operator, `its ${role} (input ${position}) is missing`);
    return tensor;
  }

  optionalInput(operator: TfliteOperator, position: number): TfliteTensor | undefined {
    return this.#model.tensors[operator.inputs[position] ?? -1];
  }

  output(operator: TfliteOperator): TfliteTensor {
    const tensor = this.#model.tensors[operator.outputs[0] ?? -1];
    if (!tensor || operator.outputs.length !== 1) throw damaged(operator, `it has ${operator.outputs.length} outputs; one is expected`);
    return tensor;
  }

  /** The graph's name for what an operator reads. */
  value(operator: TfliteOperator, tensor: TfliteTensor): string {
    const pending = this.#pending.get(tensor.index);
    if (pending) {
      this.#pending.delete(tensor.index);
      this.#values.set(tensor.index, pending());
    }
    const name = this.#values.get(tensor.index);
    if (name !== undefined) return name;
    if (tensor.data)
      throw unsupported(operator, `tensor ${tensor.index} "${tensor.name}" is a constant where a computed value is expected`);
    throw damaged(operator, `tensor ${tensor.index} "${tensor.name}" is read before any operator makes it`);
  }

  bind(tensor: TfliteTensor, name: string): void {
    this.#claim(tensor);
    this.#values.set(tensor.index, name);
  }

  /** Each tensor has one maker: with two, what a reader gets would hang on their order. */
  #claim(tensor: TfliteTensor): void {
    const what = `TFLite file: tensor ${tensor.index} "${tensor.name}"`;
    if (tensor.data)
      throw new AlpharhoError('model_corrupt', `${what} is a constant, and an operator's output or the graph's input as well`);
    if (this.#made.has(tensor.index)) throw new AlpharhoError('model_corrupt', `${what} is made twice`);
    this.#made.add(tensor.index);
  }

  /** Binds a tensor to a transposition of `source`; further ones are merged into it, and one that changes nothing is left out. */
  bindTransposed(tensor: TfliteTensor, source: string, order: readonly number[], name: string): void {
    if (order.every((axis, index) => axis === index)) {
      this.bind(tensor, source);
      return;
    }
    this.#claim(tensor);
    this.#transposed.set(tensor.index, { source, order });
    this.#pending.set(tensor.index, () => this.builder.node('Transpose', name, [source], { perm: ints(order) }));
  }

  /** What a tensor is a transposition of; itself where it is none. */
  untransposed(operator: TfliteOperator, tensor: TfliteTensor): { source: string; order: readonly number[] } {
    return this.#transposed.get(tensor.index) ?? { source: this.value(operator, tensor), order: tensor.shape.map((_, axis) => axis) };
  }

  /** Binds a tensor to `source` with margins around it; `pad` writes the node where a reader cannot take the margins over itself. */
  bindPadded(tensor: TfliteTensor, source: TfliteTensor, margins: Margins, pad: () => string): void {
    this.#claim(tensor);
    this.#padded.set(tensor.index, { source, margins });
    this.#pending.set(tensor.index, pad);
  }

  /** What a tensor is a padding of; itself without margins where it is none. */
  unpadded(tensor: TfliteTensor): { source: TfliteTensor; margins: Margins } {
    return this.#padded.get(tensor.index) ?? { source: tensor, margins: { top: 0, left: 0, bottom: 0, right: 0 } };
  }

  /** Names of constants with the tensor's scale and zero point, shared between all that use the same numbers. */
  quantizationInputs(operator: TfliteOperator, tensor: TfliteTensor): [scale: string, zeroPoint: string] {
    const { scale, zeroPoint } = activationQuantization(operator, tensor);
    const scaleName = `scale_${scale}`;
    const zeroName = `zero_${zeroPoint}`;
    if (this.#isNew(scaleName)) this.builder.constant(scaleName, 'float32', [], Float32Array.of(scale));
    if (this.#isNew(zeroName)) this.builder.constant(zeroName, 'uint8', [], Uint8Array.of(zeroPoint));
    return [scaleName, zeroName];
  }

  #isNew(name: string): boolean {
    if (this.#constants.has(name)) return false;
    this.#constants.add(name);
    return true;
  }
}

/** @throws AlpharhoError model_unsupported_operator where the tensor is not quantized per tensor to 8 bits */
export function activationQuantization(operator: Place, tensor: TfliteTensor): ActivationQuantization {
  const place = `tensor ${tensor.index} "${tensor.name}"`;
  const { quantization, type } = tensor;
  if (type !== 'uint8' && type !== 'int8') throw unsupported(operator, `${place} is ${type}; float32, uint8 and int8 values are converted`);
  const [scale] = quantization?.scales ?? [];
  const [zeroPoint] = quantization?.zeroPoints ?? [];
  if (scale === undefined || zeroPoint === undefined || quantization?.scales.length !== 1) {
    throw unsupported(operator, `${place} is ${type} without one scale and zero point for the whole tensor`);
  }
  const shifted = type === 'int8' ? zeroPoint + int8Shift : zeroPoint;
  if (!Number.isInteger(shifted) || shifted < 0 || shifted > 255) throw damaged(operator, `${place} has zero point ${zeroPoint}`);
  return { scale, zeroPoint: shifted };
}

export function isFloat(tensor: TfliteTensor): boolean {
  return tensor.type === 'float32';
}

/** Whether two quantized tensors give the same bytes the same meaning. Two float tensors do. */
export function sameQuantization(operator: TfliteOperator, first: TfliteTensor, second: TfliteTensor): boolean {
  if (isFloat(first) || isFloat(second)) return isFloat(first) && isFloat(second);
  const [a, b] = [activationQuantization(operator, first), activationQuantization(operator, second)];
  return a.scale === b.scale && a.zeroPoint === b.zeroPoint;
}

const mostWholeNumbers = 64;

/** The small constant of whole numbers that an operator takes (axes, paddings, a permutation). */
export function wholeNumbers(operator: TfliteOperator, tensor: TfliteTensor, role: string): number[] {
  const { data, type } = tensor;
  if (!data) throw unsupported(operator, `its ${role} are computed; constant ones are converted`);
  if (type !== 'int32' && type !== 'int64') throw damaged(operator, `its ${role} are ${type}; whole numbers are expected`);
  if (data.length > mostWholeNumbers * 8) throw damaged(operator, `its ${role} are more than ${mostWholeNumbers} numbers`);
  const copy = data.slice().buffer;
  return type === 'int32' ? [...new Int32Array(copy)] : Array.from(new BigInt64Array(copy), Number);
}
