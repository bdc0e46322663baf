/**
 * @file Works out the shapes of a graph's values, as far as image classifiers need it. What it cannot tell it leaves open; it never guesses.
 * Rules: https://github.com/onnx/onnx/blob/main/docs/Operators.md
 */
import { attribute, type Shape, type Shapes } from './known-shapes.ts';
import type { OnnxGraph, OnnxNode, Tensor } from './model.ts';
import { shapeValues } from './shape-values.ts';

export { attribute, type Shape, type Shapes };

/** A shape beyond this is left open: a chain of nodes could grow it without end. */
const mostDimensions = 32;

/**
 * Shapes of all values that can be told. An open first dimension of an input is taken as 1: one image.
 */
export function inferShapes(graph: OnnxGraph): Shapes {
  const shapes = new Map<string, Shape>();
  const constants = new Map<string, Tensor | undefined>();
  const values = new Map<string, number[]>();
  const known: Shapes = {
    get: (value) => shapes.get(value),
    has: (value) => shapes.has(value),
    integers: (value) => values.get(value) ?? integersOf(constants.get(value)),
    isConstant: (value) => constants.has(value),
  };
  for (const tensor of graph.initializers) {
    constants.set(tensor.name, tensor);
    shapes.set(tensor.name, tensor.dims);
  }
  for (const { name, dims } of graph.inputs) {
    const shape = dims?.map((dim, index) => (typeof dim === 'string' && index === 0 ? 1 : dim));
    if (shape?.every((dim) => typeof dim === 'number') && !shapes.has(name)) shapes.set(name, shape);
  }
  for (const node of graph.nodes) {
    const output = node.outputs[0];
    if (output === undefined) continue;
    const value = attribute(node, 'value', 'tensor');
    if (node.op === 'Constant' && value !== undefined) {
      constants.set(output, value);
      shapes.set(output, value.dims);
      continue;
    }
    if (node.inputs.length > 0 && node.inputs.every((input) => input === '' || constants.has(input))) constants.set(output, undefined);
    const computed = shapeValues(node, known);
    if (computed !== undefined) values.set(output, computed);
    // An operator of a hostile file may be called "constructor".
    const rule = (Object.hasOwn(rules, node.op) ? rules[node.op] : undefined) ?? unknown;
    const shape = rule(node, known);
    if (shape && shape.length <= mostDimensions && shape.every((dim) => Number.isInteger(dim) && dim >= 0)) shapes.set(output, shape);
  }
  return known;
}

type Rule = (node: OnnxNode, known: Shapes) => Shape | undefined;

const unknown: Rule = () => undefined;
const same: Rule = (node, known) => known.get(node.inputs[0] ?? '');
const broadcast: Rule = (node, known) => broadcastShapes(node.inputs.map((input) => known.get(input)));
const convolution =
  (weights: number): Rule =>
  (node, known) => {
    const kernel = known.get(node.inputs[weights] ?? '');
    const input = same(node, known);
    if (kernel === undefined || input === undefined) return undefined;
    return windows(node, input, kernel[0] ?? 0, kernel.slice(2));
  };
const pooling: Rule = (node, known) => {
  const input = same(node, known);
  return input && windows(node, input, input[1] ?? 0, attribute(node, 'kernel_shape', 'ints') ?? []);
};
const globalPool: Rule = (node, known) => same(node, known)?.map((dim, index) => (index < 2 ? dim : 1));
const matrixProduct =
  (second: number): Rule =>
  (node, known) => {
    const [a, b] = [same(node, known), known.get(node.inputs[second] ?? '')];
    if (a === undefined || b?.length !== 2 || a.length < 1) return undefined;
    return [...a.slice(0, -1), b[1] ?? 0];
  };

const reduction: Rule = (node, known) => {
  const input = same(node, known);
  const axes = attribute(node, 'axes', 'ints') ?? known.integers(node.inputs[1] ?? '');
  if (input === undefined || axes === undefined) return undefined;
  const reduced = axes.map((axis) => (axis < 0 ? axis + input.length : axis));
  if ((attribute(node, 'keepdims', 'int') ?? 1) !== 0) return input.map((dim, index) => (reduced.includes(index) ? 1 : dim));
  return input.filter((_, index) => !reduced.includes(index));
};

const rules: Record<string, Rule> = {
  ...Object.fromEntries(
    [
      'Cast Clip Relu LeakyRelu Sigmoid HardSigmoid HardSwish Tanh Softmax LogSoftmax Identity Dropout BatchNormalization InstanceNormalization',
      'QuantizeLinear DequantizeLinear DynamicQuantizeLinear QLinearSigmoid QLinearLeakyRelu Exp Sqrt Neg Abs Sign Floor Round',
      'Ceil Reciprocal Log Erf Elu Selu Celu Gelu Mish Softplus Softsign ThresholdedRelu PRelu LRN LayerNormalization',
    ]
      .join(' ')
      .split(' ')
      .map((op) => [op, same]),
  ),
  Add: broadcast,
  Sub: broadcast,
  Mul: broadcast,
  Div: broadcast,
  Min: broadcast,
  Max: broadcast,
  Pow: broadcast,
  Sum: broadcast,
  QLinearAdd: (node, known) => broadcastShapes([known.get(node.inputs[0] ?? ''), known.get(node.inputs[3] ?? '')]),
  QLinearMul: (node, known) => broadcastShapes([known.get(node.inputs[0] ?? ''), known.get(node.inputs[3] ?? '')]),
  Conv: convolution(1),
  ConvInteger: convolution(1),
  QLinearConv: convolution(3),
  MaxPool: pooling,
  AveragePool: pooling,
  GlobalAveragePool: globalPool,
  GlobalMaxPool: globalPool,
  QLinearGlobalAveragePool: globalPool,
  MatMul: matrixProduct(1),
  MatMulInteger: matrixProduct(1),
  QLinearMatMul: matrixProduct(3),
  Gemm: (node, known) => {
    const [a, b] = [same(node, known), known.get(node.inputs[1] ?? '')];
    if (a?.length !== 2 || b?.length !== 2) return undefined;
    return [a[attribute(node, 'transA', 'int') ? 1 : 0] ?? 0, b[attribute(node, 'transB', 'int') ? 0 : 1] ?? 0];
  },
  Transpose: (node, known) => {
    const input = same(node, known);
    const order = attribute(node, 'perm', 'ints') ?? input?.map((_, index) => input.length - 1 - index);
    return input && order?.map((axis) => input[axis] ?? -1);
  },
  Concat: (node, known) => {
    const shapes = node.inputs.map((input) => known.get(input));
    const first = shapes[0];
    const axis = attribute(node, 'axis', 'int') ?? 0;
    const place = axis < 0 ? axis + (first?.length ?? 0) : axis;
    if (!shapes.every((shape) => shape?.length === first?.length)) return undefined;
    return first?.map((dim, index) => (index === place ? shapes.reduce((sum, shape) => sum + (shape?.[index] ?? Number.NaN), 0) : dim));
  },
  Flatten: (node, known) => {
    const input = same(node, known);
    const axis = attribute(node, 'axis', 'int') ?? 1;
    return input && [product(input.slice(0, axis)), product(input.slice(axis))];
  },
  Reshape: (node, known) => {
    const [input, target] = [same(node, known), known.integers(node.inputs[1] ?? '')];
    if (input === undefined || target === undefined) return undefined;
    const kept = target.map((dim, index) => (dim === 0 ? (input[index] ?? -1) : dim));
    return kept.map((dim) => (dim === -1 ? product(input) / product(kept.filter((each) => each !== -1)) : dim));
  },
  Pad: (node, known) => {
    const [input, pads] = [same(node, known), attribute(node, 'pads', 'ints') ?? known.integers(node.inputs[1] ?? '')];
    if (input === undefined || pads?.length !== 2 * input.length) return undefined;
    return input.map((dim, index) => dim + (pads[index] ?? 0) + (pads[index + input.length] ?? 0));
  },
  Squeeze: (node, known) => {
    const [input, axes] = [same(node, known), attribute(node, 'axes', 'ints') ?? known.integers(node.inputs[1] ?? '')];
    return input && axes && input.filter((_, index) => !axes.some((axis) => (axis < 0 ? axis + input.length : axis) === index));
  },
  Unsqueeze: (node, known) => {
    const [input, axes] = [same(node, known), attribute(node, 'axes', 'ints') ?? known.integers(node.inputs[1] ?? '')];
    if (input === undefined || axes === undefined) return undefined;
    const rank = input.length + axes.length;
    if (rank > mostDimensions) return undefined;
    const added = new Set(axes.map((axis) => (axis < 0 ? axis + rank : axis)));
    const rest = input.values();
    return Array.from({ length: rank }, (_, index) => (added.has(index) ? 1 : (rest.next().value ?? -1)));
  },
  ConstantOfShape: (node, known) => known.integers(node.inputs[0] ?? ''),
  ReduceMean: reduction,
  ReduceSum: reduction,
  ReduceMax: reduction,
};

export function product(values: readonly number[]): number {
  return values.reduce((total, value) => total * value, 1);
}

/** Output of a sliding window over [N, C, spatial…]: ONNX operator Conv, "output spatial shape". */
function windows(node: OnnxNode, input: Shape, channels: number, kernel: readonly number[]): Shape {
  const spatial = input.slice(2);
  const strides = attribute(node, 'strides', 'ints') ?? spatial.map(() => 1);
  const dilations = attribute(node, 'dilations', 'ints') ?? spatial.map(() => 1);
  const pads = attribute(node, 'pads', 'ints') ?? [...spatial, ...spatial].map(() => 0);
  const auto = attribute(node, 'auto_pad', 'string') ?? 'NOTSET';
  const round = attribute(node, 'ceil_mode', 'int') ? Math.ceil : Math.floor;
  const sizes = spatial.map((size, axis) => {
    const stride = strides[axis] ?? 1;
    if (auto.startsWith('SAME')) return Math.ceil(size / stride);
    const padded = auto === 'VALID' ? size : size + (pads[axis] ?? 0) + (pads[axis + spatial.length] ?? 0);
    const reach = ((kernel[axis] ?? 1) - 1) * (dilations[axis] ?? 1) + 1;
    return round((padded - reach) / stride) + 1;
  });
  return [input[0] ?? 1, channels, ...sizes];
}

/** Multidirectional broadcasting: the longer shape, each dimension the larger of those that meet. */
function broadcastShapes(shapes: (Shape | undefined)[]): Shape | undefined {
  let result: Shape = [];
  for (const shape of shapes) {
    if (shape === undefined) return undefined;
    const rank = Math.max(result.length, shape.length);
    const [a, b] = [result, shape].map((each) => [...Array<number>(rank - each.length).fill(1), ...each]);
    result = Array.from({ length: rank }, (_, axis) => (a?.[axis] === 1 ? (b?.[axis] ?? 1) : (a?.[axis] ?? 1)));
  }
  return result;
}

function integersOf(tensor: Tensor | undefined): number[] | undefined {
  if (tensor === undefined || (tensor.type !== 'int64' && tensor.type !== 'int32') || tensor.data.length > 64) return undefined;
  return Array.from(tensor.data, Number);
}
