/**
 * @file The float32 twin of a quantized variant: the same weights as numbers, the same clipping ranges, float arithmetic in between.
 * On many processors it is the faster of the two for small networks; what it answers differs by the rounding that it leaves out
 * (docs/adr/0003-float-twins.md).
 */
import { decodeModel } from '../graph/decode.ts';
import { int, type OnnxGraph, type OnnxModel, type OnnxNode, type Tensor, type TensorOf } from '../graph/model.ts';
import { attribute } from '../graph/shapes.ts';
import { GraphIndex } from '../quantize/graph-index.ts';

/** ONNX's codes of element types, as `Cast` has them. */
const castTo = { float32: 1, uint8: 2, int8: 3 };

/** What moves bytes and computes nothing; the greatest of several bytes is the greatest of what they stand for. */
const passing = new Set(['Transpose', 'Reshape', 'Flatten', 'Squeeze', 'Unsqueeze', 'MaxPool', 'Identity']);

const quantizing = new Set(['QLinearConv', 'QuantizeLinear', 'MatMulInteger']);

/** How bytes stand for numbers: (byte − zero) × scale. */
type Scale = { readonly scale: number; readonly zero: number };
type Range = { lowest: number; highest: number };

/**
 * What took the place of a quantized value: the `real` numbers that its bytes stand for; `numbers`, which are the bytes themselves as
 * float32; or the `bytes` as they are (the picture).
 */
type Held = Real | { readonly as: 'numbers' | 'bytes'; readonly name: string };
type Real = { readonly as: 'real'; readonly name: string; readonly range?: Clamp } & Scale;
/** A `Clip` whose bounds are constants of its own. */
type Clamp = Range & { readonly bounds: readonly [TensorOf<'float32'>, TensorOf<'float32'>] };

/** The graph holds something that has no float form here. */
class NoTwin extends Error {}

/** @returns a model of the same input and output; undefined where this one is not quantized, or in a way that has no float form here */
export function floatTwin(model: OnnxModel): OnnxModel | undefined {
  if (!model.graph.nodes.some(({ op }) => quantizing.has(op))) return undefined;
  try {
    return { ...model, graph: new TwinWriter(model.graph).run() };
  } catch (error) {
    if (error instanceof NoTwin) return undefined;
    throw error;
  }
}

/** Whether `createClassifier` can run the file's float32 twin. */
export function hasFloatTwin(file: Uint8Array): boolean {
  return floatTwin(decodeModel(file)) !== undefined;
}

class TwinWriter {
  readonly #graph: OnnxGraph;
  readonly #index: GraphIndex;
  readonly #nodes: OnnxNode[] = [];
  readonly #made = new Set<string>();
  readonly #initializers = new Map<string, Tensor>();
  readonly #held = new Map<string, Held>();
  /** Float values that another one takes the place of. */
  readonly #renamed = new Map<string, string>();
  readonly #taken: Set<string>;

  constructor(graph: OnnxGraph) {
    this.#graph = graph;
    this.#index = new GraphIndex(graph);
    const names = graph.nodes.flatMap(({ outputs }) => outputs);
    this.#taken = new Set([...names, ...graph.initializers.map(({ name }) => name), ...graph.inputs.map(({ name }) => name)]);
  }

  run(): OnnxGraph {
    for (const { name, type } of this.#graph.inputs) if (type === 'uint8') this.#held.set(name, { as: 'bytes', name });
    for (const node of this.#graph.nodes) this.#write(node);
    for (const { name } of this.#graph.outputs) {
      const source = this.#renamed.get(name);
      if (source !== undefined) this.#nodes.push({ op: 'Identity', name, inputs: [source], outputs: [name], attributes: {} });
    }
    return { ...this.#graph, nodes: this.#nodes, initializers: [...this.#initializers.values()] };
  }

  #write(node: OnnxNode): void {
    const source = this.#held.get(node.inputs[0] ?? '');
    if (node.op === 'QLinearConv') this.#convolution(node);
    else if (node.op === 'QuantizeLinear') this.#quantize(node);
    else if (node.op === 'DequantizeLinear') this.#dequantize(node);
    else if (node.op === 'MatMulInteger') this.#product(node);
    else if (node.op === 'Cast') this.#cast(node, source);
    else if (!node.inputs.some((input) => this.#held.has(input))) this.#copy(node);
    else if (source !== undefined && passing.has(node.op)) this.#pass(node, source);
    else if (node.op === 'Clip' && source?.as === 'real') this.#clip(node, source);
    else if (node.op === 'Add') this.#addToSum(node);
    else throw new NoTwin(node.op);
  }

  #convolution(node: OnnxNode): void {
    const [input = '', inputScale, inputZero, , , , outputScale, outputZero] = node.inputs;
    const from = this.#scale(inputScale, inputZero);
    const to = this.#scale(outputScale, outputZero);
    const { name, factor } = this.#factored(input, from);
    const weights = this.#weights(node, factor);
    const bias = node.inputs[8] ? [this.#bias(node, from.scale)] : [];
    const made = this.#push('Conv', node.name, [name, weights, ...bias], `${output(node)}/conv`, node.attributes);
    this.#hold(output(node), made, to, this.#rangeOf(to, outputZero));
  }

  #quantize(node: OnnxNode): void {
    const to = this.#scale(node.inputs[1], node.inputs[2]);
    this.#hold(output(node), this.#float(node.inputs[0] ?? ''), to, this.#rangeOf(to, node.inputs[2]));
  }

  #dequantize(node: OnnxNode): void {
    const [input = '', scale, zero] = node.inputs;
    const constant = this.#index.constant(input);
    if (constant === undefined) {
      this.#renamed.set(output(node), this.#real(input, this.#scale(scale, zero)));
      return;
    }
    if (this.#values(scale).length > 1 && (attribute(node, 'axis', 'int') ?? 1) !== 0) throw new NoTwin('weights along another axis');
    this.#add(output(node), constant.dims, this.#dequantized(constant, scale, zero, 1));
  }

  /** Sums of products of bytes, less their zeros: the input's scale goes into the weights. */
  #product(node: OnnxNode): void {
    const [input = '', name, inputZero, weightZero] = node.inputs;
    const held = this.#held.get(input);
    const weights = this.#index.constant(name);
    const zero = this.#value(inputZero, 0);
    if (held?.as !== 'real' || held.zero !== zero || weights === undefined) throw new NoTwin('MatMulInteger');
    const zeros = this.#values(weightZero);
    if (zeros.length > 1) throw new NoTwin('MatMulInteger with several zero points');
    const data = Float32Array.from(weights.data as Int8Array, (weight) => (weight - (zeros[0] ?? 0)) / held.scale);
    const made = this.#push('MatMul', node.name, [held.name, this.#add(`${name}/float`, weights.dims, data)], output(node));
    this.#held.set(output(node), { as: 'numbers', name: made });
  }

  #addToSum(node: OnnxNode): void {
    const sum = node.inputs.map((input) => this.#held.get(input)).find((held) => held?.as === 'numbers');
    const constant = node.inputs.map((input) => this.#index.constant(input)).find((tensor) => tensor?.type === 'int32');
    if (sum === undefined || constant === undefined) throw new NoTwin('Add');
    const bias = this.#add(`${constant.name}/float`, constant.dims, Float32Array.from(constant.data as Int32Array));
    this.#held.set(output(node), { as: 'numbers', name: this.#push('Add', node.name, [sum.name, bias], output(node)) });
  }

  #cast(node: OnnxNode, held: Held | undefined): void {
    const to = attribute(node, 'to', 'int');
    if (held === undefined && (to === castTo.uint8 || to === castTo.int8)) {
      this.#held.set(output(node), { as: 'numbers', name: this.#float(node.inputs[0] ?? '') });
    } else if (held === undefined) this.#copy(node);
    else if (to !== castTo.float32) throw new NoTwin('Cast');
    else if (held.as === 'bytes') this.#push('Cast', node.name, [held.name], output(node), node.attributes);
    else this.#renamed.set(output(node), held.as === 'real' ? this.#numbers(held) : held.name);
  }

  #pass(node: OnnxNode, held: Held): void {
    const rest = node.inputs.slice(1).map((input) => this.#float(input));
    const name = this.#push(node.op, node.name, [held.name, ...rest], output(node), node.attributes);
    this.#held.set(output(node), held.as === 'real' ? { as: 'real', name, scale: held.scale, zero: held.zero } : { as: held.as, name });
  }

  /** A narrower range; where nobody else reads the wider one, that is narrowed itself, for runtimes merge one Clip into a convolution. */
  #clip(node: OnnxNode, held: Real): void {
    const [, low, high] = node.inputs;
    const bounds = {
      lowest: low ? (this.#value(low) - held.zero) * held.scale : Number.NEGATIVE_INFINITY,
      highest: high ? (this.#value(high) - held.zero) * held.scale : Number.POSITIVE_INFINITY,
    };
    const { range } = held;
    if (range === undefined || this.#index.soleConsumer(node.inputs[0]) !== node) {
      this.#hold(output(node), held.name, held, bounds);
      return;
    }
    range.lowest = Math.max(range.lowest, bounds.lowest);
    range.highest = Math.min(range.highest, bounds.highest);
    range.bounds[0].data[0] = range.lowest;
    range.bounds[1].data[0] = range.highest;
    this.#held.set(output(node), held);
  }

  #copy(node: OnnxNode): void {
    this.#nodes.push({ ...node, inputs: node.inputs.map((input) => this.#float(input)) });
  }

  /** The value is `name`, kept within what its bytes could stand for. */
  #hold(value: string, name: string, { scale, zero }: Scale, { lowest, highest }: Range): void {
    const low = this.#tensor(`${value}/lowest`, [], Float32Array.of(lowest));
    const high = this.#tensor(`${value}/highest`, [], Float32Array.of(highest));
    const clipped = this.#push('Clip', '', [name, low.name, high.name], value);
    this.#held.set(value, { as: 'real', name: clipped, scale, zero, range: { lowest, highest, bounds: [low, high] } });
  }

  /** The numbers that a quantized value's bytes stand for. */
  #real(value: string, { scale, zero }: Scale): string {
    const { name, factor } = this.#factored(value, { scale, zero });
    return factor === 1 ? name : this.#push('Mul', '', [name, this.#scalar(`${value}/scale`, factor)], `${value}/real`);
  }

  /** The same but for a factor, which costs nothing where it goes into weights. */
  #factored(value: string, { scale, zero }: Scale): { name: string; factor: number } {
    const held = this.#held.get(value);
    if (held === undefined) throw new NoTwin(`"${value}" of another kind`);
    if (held.as === 'real' && held.scale === scale && held.zero === zero) return { name: held.name, factor: 1 };
    const numbers = held.as === 'real' ? this.#numbers(held) : held.name;
    const floats = held.as === 'bytes' ? this.#push('Cast', '', [numbers], `${value}/float`, { to: int(castTo.float32) }) : numbers;
    const name = zero === 0 ? floats : this.#push('Sub', '', [floats, this.#scalar(`${value}/zero`, zero)], `${value}/centred`);
    return { name, factor: scale };
  }

  #numbers({ name, scale, zero }: Real): string {
    const steps = this.#push('Mul', '', [name, this.#scalar(`${name}/inverse`, 1 / scale)], `${name}/steps`);
    return zero === 0 ? steps : this.#push('Add', '', [steps, this.#scalar(`${name}/zero`, zero)], `${name}/numbers`);
  }

  /** @returns the value's name in the twin; a constant comes along */
  #float(value: string): string {
    if (this.#held.has(value)) throw new NoTwin(`"${value}" of another kind`);
    const constant = this.#index.constant(value);
    if (constant !== undefined) this.#initializers.set(value, constant);
    return this.#renamed.get(value) ?? value;
  }

  #weights(node: OnnxNode, factor: number): string {
    const [, , , name, scale, zero] = node.inputs;
    const tensor = this.#index.constant(name);
    if (tensor === undefined) throw new NoTwin('weights that are no constant');
    return this.#add(`${output(node)}/weights`, tensor.dims, this.#dequantized(tensor, scale, zero, factor));
  }

  #bias(node: OnnxNode, inputScale: number): string {
    const tensor = this.#index.constant(node.inputs[8]);
    if (tensor === undefined) throw new NoTwin('a bias that is no constant');
    return this.#add(`${output(node)}/bias`, tensor.dims, this.#dequantized(tensor, node.inputs[4], undefined, inputScale));
  }

  /** Whole numbers as what they stand for, times a factor; several scales go along the first dimension. */
  #dequantized(tensor: Tensor, scale: string | undefined, zero: string | undefined, factor: number): Float32Array {
    const [scales, zeros] = [this.#values(scale), this.#values(zero)];
    const rows = tensor.dims[0] ?? 1;
    if (![1, rows].includes(scales.length) || ![0, 1, rows].includes(zeros.length)) throw new NoTwin('scales of another length');
    const size = tensor.data.length / rows;
    return Float32Array.from(tensor.data as Int8Array, (value, at) => {
      const row = Math.floor(at / size);
      return (value - (zeros[row] ?? zeros[0] ?? 0)) * (scales[row] ?? scales[0]!) * factor;
    });
  }

  #scale(scale: string | undefined, zero: string | undefined): Scale {
    return { scale: this.#value(scale), zero: this.#value(zero, 0) };
  }

  /** What the bytes reach: int8 where their zero is int8. */
  #rangeOf({ scale, zero }: Scale, zeroName: string | undefined): Range {
    const least = this.#index.constant(zeroName)?.type === 'int8' ? -128 : 0;
    return { lowest: (least - zero) * scale, highest: (least + 255 - zero) * scale };
  }

  #value(name: string | undefined, otherwise?: number): number {
    const values = this.#values(name);
    const value = values.length === 0 ? otherwise : values[0];
    if (value === undefined || values.length > 1) throw new NoTwin('a scale that is no single constant');
    return value;
  }

  /** Of a small constant; none where the input is left out. */
  #values(name: string | undefined): readonly number[] {
    if (!name) return [];
    const tensor = this.#index.constant(name);
    if (tensor === undefined || tensor.type === 'int64' || tensor.type === 'uint64') throw new NoTwin('a scale that is no constant');
    return Array.from(tensor.data, Number);
  }

  #scalar(name: string, value: number): string {
    return this.#add(name, [], Float32Array.of(value));
  }

  #add(name: string, dims: number[], data: Float32Array): string {
    return this.#tensor(name, dims, data).name;
  }

  #tensor(wanted: string, dims: number[], data: Float32Array): TensorOf<'float32'> {
    const tensor = { name: this.#initializers.has(wanted) ? this.#unique(wanted) : wanted, type: 'float32', dims, data } as const;
    this.#initializers.set(tensor.name, tensor);
    return tensor;
  }

  #push(op: string, name: string, inputs: string[], wanted: string, attributes: OnnxNode['attributes'] = {}): string {
    const made = this.#made.has(wanted) ? this.#unique(wanted) : wanted;
    this.#made.add(made);
    this.#nodes.push({ op, name, inputs, outputs: [made], attributes });
    return made;
  }

  #unique(wanted: string): string {
    let name = wanted;
    for (let count = 2; this.#taken.has(name); count++) name = `${wanted}/${count}`;
    this.#taken.add(name);
    return name;
  }
}

function output(node: OnnxNode): string {
  return node.outputs[0] ?? '';
}
