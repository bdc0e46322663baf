/** @file Everything there is to say about an ONNX file without running it. */
import { createHash } from 'node:crypto';
import { isAlpharhoError } from '@alpharho/protocol';
import { type GraphCost, graphCost } from '../cost/graph-cost.ts';
import { decodeModel } from '../graph/decode.ts';
import type { OnnxModel, OnnxNode, ValueInfo } from '../graph/model.ts';
import type { VariantInfo } from '../variant/info.ts';
import { variantOf } from '../variant/read.ts';
import { graphAt } from '../variant/resolutions.ts';

/** All there is to say about an ONNX file without running it. */
export interface Inspection {
  sha256: string;
  /** File length. */
  bytes: number;
  irVersion: number;
  opset: number;
  producer: string;
  /** What the file says of itself as a variant; absent where it is not of the contract. */
  variant?: VariantInfo;
  /** Why it is not of the variant contract. */
  notVariant?: string;
  inputs: ValueInfo[];
  outputs: ValueInfo[];
  /** All of `metadata_props`, the contract's own and foreign. */
  metadata: Record<string, string>;
  /** Operator → how many nodes, most frequent first. */
  operators: Record<string, number>;
  cost: GraphCost;
}

/**
 * Inspects an ONNX file, of the variant contract or not.
 * @throws AlpharhoError model_corrupt | model_unsupported_operator
 */
export function inspectModel(bytes: Uint8Array): Inspection {
  const model = decodeModel(bytes);
  const said = asVariant(model, bytes);
  return {
    sha256: createHash('sha256').update(bytes).digest('hex'),
    bytes: bytes.byteLength,
    irVersion: model.irVersion,
    opset: model.opset,
    producer: model.producer,
    ...said,
    inputs: model.graph.inputs,
    outputs: model.graph.outputs,
    metadata: model.metadata,
    operators: countOperators(model.graph.nodes),
    // A variant of several resolutions costs what it costs at its own.
    cost: graphCost(said.variant ? graphAt(model.graph, said.variant.rho) : model.graph),
  };
}

function asVariant(model: OnnxModel, bytes: Uint8Array): Pick<Inspection, 'variant' | 'notVariant'> {
  try {
    return { variant: variantOf(model, bytes) };
  } catch (error) {
    if (isAlpharhoError(error, 'model_not_variant')) return { notVariant: error.message };
    throw error;
  }
}

function countOperators(nodes: readonly OnnxNode[]): Record<string, number> {
  const counts = new Map<string, number>();
  for (const { op, domain } of nodes) {
    const name = domain ? `${domain}.${op}` : op;
    counts.set(name, (counts.get(name) ?? 0) + 1);
  }
  return Object.fromEntries([...counts].sort((a, b) => b[1] - a[1]));
}
