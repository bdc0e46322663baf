/** @file Variants that serve several resolutions: the sides of their image are open, and one name stands for both. */
import { AlpharhoError } from '@alpharho/protocol';
import type { Dim, OnnxGraph } from '../graph/model.ts';
import { rhosSchema, type VariantInfo } from './info.ts';

/** What the sides of the image are called where they are open. */
const openSide = 'rho';

/** Dimensions of the contract's input for a file that serves these resolutions. */
export function imageDims(rhos: readonly number[]): Dim[] {
  const [rho = openSide, ...more] = rhos;
  const side = more.length > 0 ? openSide : rho;
  return [1, side, side, 3];
}

/**
 * The resolutions to serve, largest first; the own one alone where nothing is asked for.
 * @throws AlpharhoError config_invalid
 */
export function chooseRhos(own: number, wanted: readonly number[] | undefined): number[] {
  if (wanted === undefined) return [own];
  const rhos = [...new Set(wanted)].sort((a, b) => b - a);
  const parsed = rhosSchema.safeParse(rhos);
  if (!parsed.success) {
    const reason = parsed.error.issues[0]?.message ?? 'not usable';
    throw new AlpharhoError('config_invalid', `the resolutions ${rhos.slice(0, 40)}: ${reason}`);
  }
  if (!rhos.includes(own)) {
    throw new AlpharhoError('config_invalid', `the resolutions ${rhos} lack the file's own, ${own}, at which it was trained`);
  }
  return rhos;
}

/** The graph as it is at one resolution: shapes can be told of it. */
export function graphAt(graph: OnnxGraph, rho: number): OnnxGraph {
  const inputs = graph.inputs.map((input) => ({
    ...input,
    ...(input.dims && { dims: input.dims.map((dim) => (dim === openSide ? rho : dim)) }),
  }));
  return { ...graph, inputs };
}

/** @throws AlpharhoError config_invalid where the variant does not serve this ρ */
export function checkServes({ rhos }: Pick<VariantInfo, 'rhos'>, rho: number): void {
  if (rhos.includes(rho)) return;
  const serves = rhos.length === 1 ? `${rhos[0]} alone` : rhos.join(', ');
  throw new AlpharhoError('config_invalid', `the variant does not serve ρ ${rho}; it serves ${serves}`);
}
