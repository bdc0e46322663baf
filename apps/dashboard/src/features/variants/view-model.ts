/** @file The variants page: what exists on the α × ρ grid, what it costs, what the fleet measured. Pure. */
import { group, max, min } from 'd3-array';
import { type DeviceFacts, shortBoard } from '@/lib/device-facts.ts';
import { formatLarge, formatMs, formatMsNumber, formatPercent, none, plural } from '@/lib/format.ts';
import { percentiles } from '@/lib/sketch-sum.ts';
import { compareVariants, type VariantFacts } from '@/lib/variant-facts.ts';
import type { FleetWindow } from '../fleet/view-model.ts';

export const figures = ['top1', 'p95', 'cost'] as const;
export type Figure = (typeof figures)[number];
export const figureWords: Record<Figure, string> = { top1: 'Top-1', p95: 'p95', cost: 'Multiply-adds' };

export type GridCell = {
  variant: VariantFacts;
  /** Others of the same α, ρ and precision: other labels or weights. */
  others: number;
  devices: number;
  main: string;
  below: string;
  /** 0 to 6 on the ramp. */
  step: number;
};

export type VariantGrid = {
  key: string;
  title: string;
  precision: string;
  /** Networks that tell other things apart have grids of their own: their accuracies do not compare. */
  classes: number;
  alphas: number[];
  rhos: number[];
  cells: Map<string, GridCell>;
};
export type Measured = { variant: VariantFacts; board: string; devices: number; p50: number; p95: number };
export type CatalogueRow = { variant: VariantFacts; devices: number; p95: number | null };

export type VariantsView = {
  figure: Figure;
  grids: VariantGrid[];
  measured: Measured[];
  /** What is offered, and what is retired and still serves somewhere. */
  rows: CatalogueRow[];
  inService: number;
  retired: CatalogueRow[];
};

type Input = { variants: VariantFacts[]; devices: DeviceFacts[]; windows: FleetWindow[]; figure: Figure | undefined };

/** The published ladders (V1: Howard 2017, tables 6 and 7; V2: Sandler 2018, section 6.1), so that empty places are seen as places. */
const ladders: Record<string, { alphas: number[]; rhos: number[] }> = {
  v1: { alphas: [0.25, 0.5, 0.75, 1], rhos: [224, 192, 160, 128] },
  v2: { alphas: [0.35, 0.5, 0.75, 1, 1.3, 1.4], rhos: [224, 192, 160, 128, 96] },
};

const familyTitles: Record<string, string> = {
  v1: 'MobileNet V1',
  'v1-full': 'V1 with full convolutions',
  'v1-shallow': 'V1 shallow',
  v2: 'MobileNet V2',
  'v3-large': 'MobileNet V3 Large',
  'v3-small': 'MobileNet V3 Small',
  'v3-large-minimalistic': 'V3 Large minimalistic',
  'v3-small-minimalistic': 'V3 Small minimalistic',
  squeezenet: 'SqueezeNet',
  'shufflenet-g1': 'ShuffleNet, 1 group',
  'shufflenet-g2': 'ShuffleNet, 2 groups',
  'shufflenet-g3': 'ShuffleNet, 3 groups',
  'shufflenet-g4': 'ShuffleNet, 4 groups',
  'shufflenet-g8': 'ShuffleNet, 8 groups',
  xception: 'Xception',
  other: 'Other architectures',
};

export function figureFrom(value: string | string[] | undefined): Figure | undefined {
  return figures.find((figure) => figure === value);
}

export function cellKey(alpha: number, rho: number): string {
  return `${alpha} ${rho}`;
}

export function variantsView({ variants, devices, windows, figure: chosen }: Input): VariantsView {
  const running = group(devices, ({ servingId }) => servingId);
  const cells = group(windows, ({ variantId }) => variantId);
  const all = variants.toSorted(compareVariants).map((variant) => ({
    variant,
    devices: running.get(variant.id)?.length ?? 0,
    p95: percentiles((cells.get(variant.id) ?? []).map(({ total }) => total))?.p95 ?? null,
  }));
  const rows = all.filter(({ variant, devices: count }) => !variant.retired || count > 0);
  const figure = chosen ?? (variants.some(({ top1 }) => top1 !== null) ? 'top1' : 'p95');
  return {
    figure,
    grids: grids(rows, figure),
    measured: measured(variants, devices, windows),
    rows,
    inService: rows.filter((row) => row.devices > 0).length,
    retired: all.filter(({ variant }) => variant.retired),
  };
}

function grids(rows: CatalogueRow[], figure: Figure): VariantGrid[] {
  const spread = figure === 'top1' ? undefined : logarithmicSteps(rows, figure);
  const groups = group(rows, ({ variant }) => `${variant.family} ${variant.precision} ${task(variant)}`);
  const order = Object.keys(familyTitles);
  const result = [...groups].map(([key, members]) => {
    const { family, precision } = members[0]!.variant;
    const ladder = ladders[family] ?? { alphas: [], rhos: [] };
    const stepOf = spread ?? accuracySteps(members);
    const cells = [...group(members, ({ variant }) => cellKey(variant.alpha, variant.rho))].map(
      ([place, same]) => [place, gridCell(same, figure, stepOf)] as const,
    );
    return {
      key,
      title: familyTitles[family] ?? family,
      precision,
      classes: task(members[0]!.variant),
      alphas: axis(
        ladder.alphas,
        members.map(({ variant }) => variant.alpha),
      ),
      rhos: axis(
        ladder.rhos,
        members.map(({ variant }) => variant.rho),
      ).reverse(),
      cells: new Map(cells),
      family,
    };
  });
  return result
    .sort((a, b) => order.indexOf(a.family) - order.indexOf(b.family) || a.precision.localeCompare(b.precision) || a.classes - b.classes)
    .map(({ family: _, ...grid }) => grid);
}

/** Of variants in one place the one in service stands for all, then the trained one. */
function gridCell(same: CatalogueRow[], figure: Figure, stepOf: (row: CatalogueRow) => number): GridCell {
  const shown = same.toSorted((a, b) => b.devices - a.devices || Number(a.variant.untrained) - Number(b.variant.untrained))[0]!;
  const { variant, p95 } = shown;
  const main = { top1: formatPercentNumber(variant.top1), p95: formatMsNumber(p95), cost: formatLarge(variant.multiplyAdds) }[figure];
  const below = figure === 'p95' ? formatLarge(variant.multiplyAdds) : formatMsNumber(p95);
  return { variant, others: same.length - 1, devices: shown.devices, main, below, step: stepOf(shown) };
}

function formatPercentNumber(percent: number | null): string {
  return percent === null ? none : percent.toFixed(1);
}

/** ImageNet's classes with and without the background are one task. */
function task({ classes }: VariantFacts): number {
  return classes === 1001 ? 1000 : classes;
}

/** The darkest colour; 0 is for what is not known. */
const rampTop = 6;
/** Percent top-1 that the whole ramp spans at the least, so that chance differences do not look like steps. */
const leastSpan = 10;

/** The most accurate of a grid is darkest, and equal steps are equal points: what matters is the difference within one task. */
function accuracySteps(members: CatalogueRow[]): (row: CatalogueRow) => number {
  const known = members.map(({ variant }) => variant.top1).filter((percent) => percent !== null);
  const high = max(known) ?? 0;
  const span = Math.max(high - (min(known) ?? 0), leastSpan);
  return ({ variant: { top1 } }) => (top1 === null ? 0 : rampTop - Math.round(((high - top1) / span) * (rampTop - 1)));
}

/** Latency and cost are spread over the ramp by their logarithm, darker for more. */
function logarithmicSteps(rows: CatalogueRow[], figure: 'p95' | 'cost'): (row: CatalogueRow) => number {
  const value = (row: CatalogueRow) => (figure === 'p95' ? row.p95 : row.variant.multiplyAdds);
  const known = rows.map(value).filter((number) => number !== null);
  const low = Math.log(min(known) ?? 1);
  const span = Math.log(max(known) ?? 1) - low;
  return (row) => {
    const number = value(row);
    if (number === null) return 0;
    return span === 0 ? rampTop / 2 : Math.round(((Math.log(number) - low) / span) * (rampTop - 1)) + 1;
  };
}

function measured(variants: VariantFacts[], devices: DeviceFacts[], windows: FleetWindow[]): Measured[] {
  const boards = new Map(devices.map(({ id, boardModel }) => [id, shortBoard(boardModel) ?? 'Unknown board']));
  const byId = new Map(variants.map((variant) => [variant.id, variant]));
  const result: Measured[] = [];
  for (const [variantId, ofVariant] of group(windows, (window) => window.variantId)) {
    const variant = byId.get(variantId);
    if (variant === undefined) continue;
    for (const [board, cells] of group(ofVariant, ({ deviceId }) => boards.get(deviceId) ?? 'Unknown board')) {
      const merged = percentiles(cells.map(({ total }) => total));
      if (merged !== undefined) result.push({ variant, board, devices: new Set(cells.map(({ deviceId }) => deviceId)).size, ...merged });
    }
  }
  return result.sort((a, b) => a.board.localeCompare(b.board) || a.p95 - b.p95);
}

/** What a cell says to those who do not see the grid. */
export function cellReading({ variant, devices, others }: GridCell, p95: number | null): string {
  const parts = [`${variant.name} ${variant.precision}`];
  if (variant.top1 !== null) parts.push(`top-1 ${formatPercent(variant.top1)}`);
  if (variant.untrained) parts.push('untrained');
  parts.push(p95 === null ? 'not measured' : `p95 ${formatMs(p95)}`);
  parts.push(devices === 0 ? 'on no device' : `on ${plural(devices, 'device')}`);
  if (others > 0) parts.push(`${others} more of this size`);
  return parts.join(', ');
}

/** The ladder's steps between the lowest and the highest that exist, and what lies beside the ladder; ascending. */
function axis(ladder: number[], existing: number[]): number[] {
  const low = min(existing)!;
  const high = max(existing)!;
  const between = ladder.filter((step) => step >= low && step <= high);
  return [...new Set([...between, ...existing])].sort((a, b) => a - b);
}
