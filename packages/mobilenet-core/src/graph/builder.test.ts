/** @file The graph builder: names are handed on, and clashes are found while building. */
import { describe, expect, it } from 'vitest';
import { GraphBuilder } from './builder.ts';
import { int } from './model.ts';

describe('GraphBuilder', () => {
  it('hands names on from node to node', () => {
    const builder = new GraphBuilder('g');
    const cast = builder.node('Cast', 'cast', [builder.input('image', 'uint8', [1, 2, 2, 3])], { to: int(1) });
    builder.output(builder.node('Relu', 'relu', [cast], {}, 'out'), 'float32', [1, 2, 2, 3]);
    const { graph, metadata, opset } = builder.finish({ a: 'b' });
    expect(graph.nodes.map(({ inputs, outputs }) => [inputs, outputs])).toEqual([
      [['image'], ['cast']],
      [['cast'], ['out']],
    ]);
    expect({ metadata, opset }).toEqual({ metadata: { a: 'b' }, opset: 17 });
  });

  it('refuses a value made twice, a node named twice, and a value nobody makes', () => {
    const builder = new GraphBuilder('g');
    builder.input('x', 'float32', [1]);
    expect(() => builder.constant('x', 'float32', [0], new Float32Array())).toThrow('two values are called "x"');
    builder.node('Relu', 'r', ['x']);
    expect(() => builder.node('Relu', 'r', ['x'], {}, 'other')).toThrow('two nodes are called "r"');
    expect(() => builder.node('Relu', 's', ['nowhere'])).toThrow('reads "nowhere", which nothing makes');
    expect(() => builder.output('nowhere', 'float32', [1])).toThrow('made by no node');
  });
});
