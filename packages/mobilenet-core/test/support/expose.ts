/** @file What a converted file computes on its way: any node's result, by the same runtime that devices use. */
import { decodeModel, encodeModel, int } from '../../src/index.ts';
import { openOnnxSession } from '../../src/runtime/onnxruntime.ts';

/** TensorProto.DataType FLOAT. */
const float = 1;

/**
 * Runs the file up to the last node of a TFLite operator and gives that node's result, channels last.
 * @param operator index in the TFLite file
 * @param shape of its output there
 */
export async function resultOf(file: Uint8Array, operator: number, shape: number[], frame: Uint8Array): Promise<number[]> {
  const model = decodeModel(file);
  const { graph } = model;
  const last = graph.nodes.findLastIndex((node) => node.name.startsWith(`${operator}_`));
  const value = graph.nodes[last]?.outputs[0];
  if (value === undefined) throw new Error(`operator ${operator} has no node`);
  const size = shape.reduce((product, dim) => product * dim, 1);
  graph.nodes.splice(last + 1);
  graph.nodes.push({ op: 'Cast', name: 'exposed', inputs: [value], outputs: ['exposed'], attributes: { to: int(float) } });
  graph.initializers.push({ name: 'exposed.shape', type: 'int64', dims: [2], data: BigInt64Array.of(1n, BigInt(size)) });
  graph.nodes.push({ op: 'Reshape', name: 'row', inputs: ['exposed', 'exposed.shape'], outputs: ['probabilities'], attributes: {} });
  graph.outputs = [{ name: 'probabilities', type: 'float32', dims: [1, size] }];
  const rho = Number(graph.inputs[0]?.dims?.[1]);
  const session = await openOnnxSession(encodeModel(model), { rho, classes: size, threads: 1 });
  session.input.set(frame);
  await session.run();
  const result = channelsLast([...session.output], shape);
  await session.close();
  return result;
}

function channelsLast(values: number[], shape: number[]): number[] {
  if (shape.length !== 4) return values;
  const [, height = 1, width = 1, channels = 1] = shape;
  const area = height * width;
  return values.map((_, index) => values[(index % channels) * area + Math.floor(index / channels)]!);
}
