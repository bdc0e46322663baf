/** @file The paper's Table 2 as text: how work and weights spread over the types of layers. */
import { grouped, percent, table } from './output.ts';

interface TypeRow {
  kind: string;
  layers: number;
  multiplyAdds: number;
  multiplyAddsShare: number;
  weights: number;
  weightsShare: number;
}

const titles: Record<string, string> = {
  conv: 'convolution',
  depthwise: 'depthwise',
  pointwise: '1×1 convolution',
  fc: 'fully connected',
  norm: 'batch norm',
};

/** One line for each type of layer. */
export function costByType(types: readonly TypeRow[]): string[] {
  const rows = types.map((type) => [
    titles[type.kind] ?? type.kind,
    String(type.layers),
    grouped(type.multiplyAdds),
    percent(type.multiplyAddsShare),
    grouped(type.weights),
    percent(type.weightsShare),
  ]);
  return table(['type', 'layers', 'multiply-adds', 'share', 'weights', 'share'], rows, [
    'left',
    'right',
    'right',
    'right',
    'right',
    'right',
  ]);
}
