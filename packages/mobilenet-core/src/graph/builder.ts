/** @file Puts a graph together node by node, and keeps value names unique. */
import { AlpharhoError } from '@alpharho/protocol';
import {
  type Attribute,
  type Dim,
  type ElementType,
  irVersion,
  type OnnxGraph,
  type OnnxModel,
  opset,
  type Tensor,
  type TensorOf,
} from './model.ts';

/** Collects nodes in the order they run. Every method that makes a value returns its name, to be given to the next node. */
export class GraphBuilder {
  readonly #graph: OnnxGraph;
  readonly #values = new Set<string>();
  readonly #nodes = new Set<string>();

  /** @param name the graph's name, shown by model viewers */
  constructor(name: string) {
    this.#graph = { name, nodes: [], inputs: [], outputs: [], initializers: [] };
  }

  /** Declares an input of the graph. */
  input(name: string, type: ElementType, dims: Dim[]): string {
    this.#graph.inputs.push({ name: this.#claim(name), type, dims });
    return name;
  }

  /** Declares a value that some node makes as an output of the graph. */
  output(name: string, type: ElementType, dims: Dim[]): void {
    if (!this.#values.has(name)) throw new AlpharhoError('internal', `graph output "${name}" is made by no node`);
    this.#graph.outputs.push({ name, type, dims });
  }

  /** Adds a constant tensor. */
  constant<T extends ElementType>(name: string, type: T, dims: number[], data: TensorOf<T>['data']): string {
    this.#graph.initializers.push({ name: this.#claim(name), type, dims, data } as Tensor);
    return name;
  }

  /**
   * Adds a node with one output.
   * @param name the node's name, unique in the graph
   * @param output the output's name; the node's name when left out
   */
  node(op: string, name: string, inputs: string[], attributes: Record<string, Attribute> = {}, output: string = name): string {
    for (const input of inputs) {
      if (input !== '' && !this.#values.has(input))
        throw new AlpharhoError('internal', `${op} node "${name}" reads "${input}", which nothing makes`);
    }
    if (this.#nodes.has(name)) throw new AlpharhoError('internal', `two nodes are called "${name}"`);
    this.#nodes.add(name);
    this.#graph.nodes.push({ op, name, inputs, outputs: [this.#claim(output)], attributes });
    return output;
  }

  /** The model so far, in this project's opset and IR version. */
  finish(metadata: Record<string, string>): OnnxModel {
    return { irVersion, opset, producer: 'alpharho', graph: this.#graph, metadata };
  }

  #claim(name: string): string {
    if (this.#values.has(name)) throw new AlpharhoError('internal', `two values are called "${name}"`);
    this.#values.add(name);
    return name;
  }
}
