/** @file The slowest and plainest way to run a network: each operator as its definition reads, to check the fast ways against. */
import { type Attribute, decodeModel, type OnnxNode, type Tensor } from '../src/index.ts';

/** A dense array of any rank. */
export interface Value {
  dims: number[];
  data: number[];
}

const ints = (node: OnnxNode, name: string): number[] => attributeOf(node, name, 'ints') as number[];
const int = (node: OnnxNode, name: string): number => attributeOf(node, name, 'int') as number;

function attributeOf(node: OnnxNode, name: string, type: Attribute['type']): unknown {
  const found = node.attributes[name];
  if (found?.type !== type) throw new Error(`${node.op} "${node.name}" has no ${type} ${name}`);
  return found.value;
}

/** Runs an ONNX file of the operators that built variants use, on one image of RGB bytes. */
export function runReference(file: Uint8Array, image: Uint8Array): number[] {
  const { graph } = decodeModel(file);
  const values = new Map<string, Value>(graph.initializers.map((tensor) => [tensor.name, fromTensor(tensor)]));
  const input = graph.inputs[0];
  if (input?.dims === undefined) throw new Error('no input');
  values.set(input.name, { dims: input.dims.map(Number), data: [...image] });
  for (const node of graph.nodes) {
    const inputs = node.inputs.map((name) => values.get(name) ?? fail(`${node.name} reads ${name} too early`));
    values.set(node.outputs[0] ?? '', runNode(node, inputs));
  }
  return values.get(graph.outputs[0]?.name ?? '')?.data ?? fail('no output');
}

function runNode(node: OnnxNode, [a = fail(node.op), b, c]: Value[]): Value {
  const scalar = (value: Value | undefined) => value?.data[0] ?? fail(`${node.op} without a scalar`);
  const each = (change: (value: number) => number): Value => ({ dims: a.dims, data: a.data.map(change) });
  switch (node.op) {
    case 'Cast':
      return a;
    case 'Sub':
      return each((value) => value - scalar(b));
    case 'Div':
      return each((value) => value / scalar(b));
    case 'Clip':
      return each((value) => Math.min(scalar(c), Math.max(scalar(b), value)));
    case 'Transpose':
      return transposeToPlanes(a);
    case 'Conv':
      return convolve(a, b ?? fail('no weights'), c, {
        group: int(node, 'group'),
        stride: ints(node, 'strides')[0] ?? 1,
        pads: ints(node, 'pads'),
      });
    case 'GlobalAveragePool':
      return globalAverage(a);
    case 'Flatten':
      return { dims: [1, a.data.length], data: a.data };
    case 'Gemm':
      return fullyConnected(a, b ?? fail('no weights'), c ?? fail('no bias'));
    case 'Softmax':
      return softmax(a);
    default:
      return fail(`the reference does not know ${node.op}`);
  }
}

/** [1, H, W, C] → [1, C, H, W]. */
function transposeToPlanes({ dims: [, height = 0, width = 0, channels = 0], data }: Value): Value {
  const planes: number[] = [];
  for (let c = 0; c < channels; c++) for (let i = 0; i < height * width; i++) planes.push(data[i * channels + c] ?? fail('short'));
  return { dims: [1, channels, height, width], data: planes };
}

/** Grouped convolution over [1, C, H, W] with weights [K, C / group, kH, kW]; pads [top, left, bottom, right]. */
export function convolve(
  input: Value,
  weights: Value,
  bias: Value | undefined,
  { group, stride, pads }: { group: number; stride: number; pads: number[] },
): Value {
  const [, channels = 0, height = 0, width = 0] = input.dims;
  const [filters = 0, perGroup = 0, kernelHeight = 0, kernelWidth = 0] = weights.dims;
  const [top = 0, left = 0, bottom = 0, right = 0] = pads;
  const outHeight = Math.floor((height + top + bottom - kernelHeight) / stride) + 1;
  const outWidth = Math.floor((width + left + right - kernelWidth) / stride) + 1;
  const pixel = (c: number, y: number, x: number) =>
    y < 0 || x < 0 || y >= height || x >= width ? 0 : (input.data[(c * height + y) * width + x] ?? fail('pixel'));
  const data: number[] = [];
  for (let k = 0; k < filters; k++) {
    const firstChannel = Math.floor(k / (filters / group)) * (channels / group);
    for (let y = 0; y < outHeight; y++) {
      for (let x = 0; x < outWidth; x++) {
        let sum = bias?.data[k] ?? 0;
        for (let c = 0; c < perGroup; c++) {
          for (let i = 0; i < kernelHeight; i++) {
            for (let j = 0; j < kernelWidth; j++) {
              const weight = weights.data[((k * perGroup + c) * kernelHeight + i) * kernelWidth + j] ?? fail('weight');
              sum += weight * pixel(firstChannel + c, y * stride - top + i, x * stride - left + j);
            }
          }
        }
        data.push(sum);
      }
    }
  }
  return { dims: [1, filters, outHeight, outWidth], data };
}

function globalAverage({ dims: [, channels = 0, height = 0, width = 0], data }: Value): Value {
  const area = height * width;
  const means = Array.from(
    { length: channels },
    (_, c) => data.slice(c * area, (c + 1) * area).reduce((sum, value) => sum + value, 0) / area,
  );
  return { dims: [1, channels, 1, 1], data: means };
}

/** Gemm with transB: weights [K, C]. */
function fullyConnected(input: Value, weights: Value, bias: Value): Value {
  const size = input.data.length;
  const data = bias.data.map((start, k) =>
    input.data.reduce((sum, value, c) => sum + value * (weights.data[k * size + c] ?? fail('weight')), start),
  );
  return { dims: [1, data.length], data };
}

function softmax({ dims, data }: Value): Value {
  const highest = Math.max(...data);
  const powers = data.map((value) => Math.exp(value - highest));
  const total = powers.reduce((sum, value) => sum + value, 0);
  return { dims, data: powers.map((value) => value / total) };
}

function fromTensor({ dims, data }: Tensor): Value {
  return { dims, data: Array.from(data, Number) };
}

function fail(what: string): never {
  throw new Error(what);
}
