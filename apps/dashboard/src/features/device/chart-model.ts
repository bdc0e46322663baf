/** @file Telemetry cells → what the device's charts draw and say. Pure: pixels come later, percentiles come from merged sketches. */
import type { Sketch, Stage } from '@alpharho/protocol';
import { formatAge, formatMs, plural } from '@/lib/format.ts';
import { percentiles } from '@/lib/sketch-sum.ts';
import { thresholds } from '@/lib/thresholds.ts';

/** The part of a merged telemetry window that the charts need. */
export type ChartCell = {
  variantId: string;
  start: number;
  end: number;
  captured: number;
  classified: number;
  dropped: number;
  throttled: boolean;
  total: Sketch;
  stages: Partial<Record<Stage, { sum: number; count: number }>>;
};

/** Lowest in the stack first. */
export const stackedStages = ['inference', 'preprocess', 'capture', 'postprocess'] as const satisfies readonly Stage[];
export type StackedStage = (typeof stackedStages)[number];
export const stageWords: Record<StackedStage, string> = {
  inference: 'inference',
  preprocess: 'prep',
  capture: 'capture',
  postprocess: 'post',
};

export type ChartPoint = {
  at: number;
  start: number;
  end: number;
  variantId: string;
  p50: number;
  p95: number;
  p99: number;
  frames: number;
  dropped: number;
  /** Mean milliseconds. */
  stages: Partial<Record<StackedStage, number>>;
};

export type Span = { from: number; to: number };
export type VariantChange = { at: number; fromId: string; toId: string };
export type VariantRun = Span & { variantId: string };

export type DeviceChart = {
  span: Span;
  points: ChartPoint[];
  /** Unbroken stretches of one variant: indexes into points, both included. */
  segments: { first: number; last: number }[];
  gaps: Span[];
  /** While the board was throttled. */
  throttled: Span[];
  changes: VariantChange[];
  runs: VariantRun[];
};

/** @param span what the time axis shows; cells outside of it are left out. */
export function deviceChart(cells: ChartCell[], span: Span): DeviceChart {
  const points = cells.flatMap((cell) => toPoint(cell, span)).sort((a, b) => a.at - b.at);
  const gaps: Span[] = [];
  const segments: DeviceChart['segments'] = [];
  const changes: VariantChange[] = [];
  const runs: VariantRun[] = [];
  for (const [index, point] of points.entries()) {
    const before = points[index - 1];
    const gap = before !== undefined && isGap(before.end, point.start);
    const changed = before !== undefined && before.variantId !== point.variantId;
    if (gap) gaps.push({ from: before.end, to: point.start });
    if (changed) changes.push({ at: point.start, fromId: before.variantId, toId: point.variantId });
    if (before === undefined || gap || changed) segments.push({ first: index, last: index });
    else segments.at(-1)!.last = index;
    if (before === undefined || changed) runs.push({ from: point.start, to: point.end, variantId: point.variantId });
    else runs.at(-1)!.to = point.end;
  }
  const allGaps = [...edgeGaps(points, span), ...gaps].sort((a, b) => a.from - b.from);
  return { span, points, segments, gaps: allGaps, throttled: throttledSpans(cells, span), changes, runs };
}

/** Between the end of a window and the begin of the next: both clocks are read, milliseconds. */
const seamMs = 1000;

/** Neighbouring windows are one stretch, with or without frames in them. */
function throttledSpans(cells: ChartCell[], span: Span): Span[] {
  const spans: Span[] = [];
  const inside = cells.filter(({ throttled, start, end }) => throttled && end > span.from && start < span.to);
  for (const { start, end } of inside.toSorted((a, b) => a.start - b.start)) {
    const from = Math.max(start, span.from);
    const to = Math.min(end, span.to);
    const last = spans.at(-1);
    if (last !== undefined && from - last.to <= seamMs) last.to = Math.max(last.to, to);
    else spans.push({ from, to });
  }
  return spans;
}

/** Before the first frames a device may not have existed; after the last ones it should have. */
function edgeGaps(points: ChartPoint[], span: Span): Span[] {
  const last = points.at(-1);
  if (last === undefined) return [];
  return isGap(last.end, span.to) ? [{ from: last.end, to: span.to }] : [];
}

function isGap(from: number, to: number): boolean {
  return to - from > thresholds.gapMs;
}

function toPoint(cell: ChartCell, span: Span): ChartPoint[] {
  if (cell.end <= span.from || cell.start >= span.to) return [];
  const figures = percentiles([cell.total]);
  if (figures === undefined) return [];
  const stages: ChartPoint['stages'] = {};
  for (const stage of stackedStages) {
    const readings = cell.stages[stage];
    if (readings !== undefined && readings.count > 0) stages[stage] = readings.sum / readings.count;
  }
  const start = Math.max(cell.start, span.from);
  const end = Math.min(cell.end, span.to);
  return [
    { at: (start + end) / 2, start, end, variantId: cell.variantId, ...figures, frames: cell.classified, dropped: cell.dropped, stages },
  ];
}

export type LatencyDomain = {
  min: number;
  max: number;
  /** The highest p99, where it lies so far above everything else that drawing it would flatten the rest. */
  beyond: number | null;
};

/** A p99 this many times above the highest p95 is written instead of drawn. */
const flattening = 3;

export function latencyDomain(points: ChartPoint[]): LatencyDomain {
  const low = Math.min(...points.map(({ p50 }) => p50));
  const p95 = Math.max(...points.map((point) => point.p95));
  const p99 = Math.max(...points.map((point) => point.p99));
  const beyond = p99 > flattening * p95 ? p99 : null;
  const high = beyond === null ? p99 : 1.6 * p95;
  const margin = Math.max((high - low) * 0.12, high * 0.04);
  return { min: Math.max(0, low - margin), max: high + margin / 2, beyond };
}

/** One sentence for those who do not see the chart. @param range as its title says it: "Last 15 minutes". */
export function latencyReading(chart: DeviceChart, range: string, name: (variantId: string) => string): string {
  const over = range.replace('Last', 'the last');
  const last = chart.points.at(-1);
  if (last === undefined) return `Latency: no frames in ${over}.`;
  const p95s = chart.points.map(({ p95 }) => p95);
  const parts = [
    `Latency over ${over}: p95 between ${formatMs(Math.min(...p95s))} and ${formatMs(Math.max(...p95s))}, now ${formatMs(last.p95)}; p50 now ${formatMs(last.p50)}`,
  ];
  const change = chart.changes.at(-1);
  if (change !== undefined)
    parts.push(`${plural(chart.changes.length, 'variant change')}, the last from ${name(change.fromId)} to ${name(change.toId)}`);
  if (chart.throttled.length > 0) parts.push(`throttled for ${formatAge(lengthOf(chart.throttled))} in all`);
  if (chart.gaps.length > 0) parts.push(`no frames for ${formatAge(lengthOf(chart.gaps))} in all`);
  return `${parts.join('; ')}.`;
}

function lengthOf(spans: Span[]): number {
  return spans.reduce((sum, { from, to }) => sum + to - from, 0);
}

/** How many labels can stand side by side without touching: keeps the newest where two are too near. */
export function spaced<T extends { at: number }>(items: T[], span: Span, share: number): T[] {
  const kept: T[] = [];
  for (const item of items.toReversed()) {
    const next = kept.at(-1);
    if (next === undefined || (next.at - item.at) / (span.to - span.from) >= share) kept.push(item);
  }
  return kept.reverse();
}
