/** @file Whether a TFLite file's network works at other resolutions than its own: the same weights on a larger or smaller picture. */
import { AlpharhoError } from '@alpharho/protocol';
import type { OnnxGraph, OnnxNode } from '../graph/model.ts';
import { attribute, inferShapes, product, type Shape, type Shapes } from '../graph/shapes.ts';
import { outputName } from '../variant/read.ts';
import { graphAt } from '../variant/resolutions.ts';
import type { Lowering, SamePadded } from './convert/lowering.ts';
import { padAxis, same } from './convert/padding.ts';

/**
 * Follows the shapes through the graph at each resolution: maps must fit each other, and the padding that TensorFlow would choose there
 * must be the one that stands in the graph.
 * @throws AlpharhoError config_invalid, naming the resolution and the node
 */
export function checkResolutions(graph: OnnxGraph, { resolutions: { rhos, own }, samePadded }: Lowering, classes: number): void {
  const shapes = new Map(rhos.map((rho) => [rho, inferShapes(graphAt(graph, rho))]));
  const there = shapes.get(own) as Shapes;
  for (const [rho, here] of shapes) {
    const window = samePadded.find((each) => padsOf(each, here) !== padsOf(each, there));
    if (window) {
      const { index, name } = window.operator;
      const pads = `operator ${index} (${name}) would have to be padded otherwise than at ${own}`;
      throw invalid(`the network does not work at ρ ${rho}: ${pads}; for MobileNets, multiples of 32 do`);
    }
    const misfit = graph.nodes.find((node) => !fits(node, here));
    if (misfit) throw invalid(`the network does not work at ρ ${rho}: node "${misfit.name}" (${misfit.op}) is made for the maps of ${own}`);
    const output = here.get(outputName);
    if (output?.join() !== `1,${classes}`) throw invalid(`the network does not work at ρ ${rho}: it would give [${output ?? '?'}]`);
  }
}

function padsOf({ value, margins, down, across }: SamePadded, shapes: Shapes): string {
  const [, , height = 0, width = 0] = shapes.get(value) ?? [];
  const y = padAxis(same, height + margins.top + margins.bottom, down);
  const x = padAxis(same, width + margins.left + margins.right, across);
  return [y.begin, y.end, x.begin, x.end].join();
}

const elementwise = new Set(['Add', 'Sub', 'Mul', 'Div', 'Min', 'Max', 'QLinearAdd', 'QLinearMul']);

/** Whether a node's inputs go together; shapes that cannot be told do not. */
function fits(node: OnnxNode, shapes: Shapes): boolean {
  const output = shapes.get(node.outputs[0] ?? '');
  const inputs = node.inputs.filter((name) => name !== '').map((name) => shapes.get(name));
  if (output === undefined || output.some((dim) => dim < 1)) return false;
  if (node.op === 'Reshape') return product(inputs[0] ?? []) === product(output);
  if (elementwise.has(node.op)) return inputs.every((shape) => shape !== undefined && broadcasts(shape, output));
  if (node.op === 'Concat') {
    const axis = attribute(node, 'axis', 'int') ?? 0;
    return inputs.every((shape) => shape?.every((dim, at) => at === axis || dim === output[at]));
  }
  return true;
}

function broadcasts(shape: Shape, into: Shape): boolean {
  return shape.every((dim, index) => dim === 1 || dim === into[into.length - shape.length + index]);
}

function invalid(message: string): AlpharhoError {
  return new AlpharhoError('config_invalid', message);
}
