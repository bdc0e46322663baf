/** @file Verdicts as the gate table shows them: the latest of each kind, written out, with an interval on a scale per metric. Pure. */
import { group } from 'd3-array';
import { formatCount, formatMs, formatMsNumber, formatRate, formatShare, minus, none } from '@/lib/format.ts';
import type { VerdictFacts } from '@/server/rollouts/store/read.ts';

export type Outcome = 'pass' | 'inconclusive' | 'fail';
export type LimitKind = 'atMost' | 'atLeast' | 'within';

export type GateRow = {
  key: string;
  metric: string;
  /** "Pi 5", "p95 limit". */
  about: string;
  control: string;
  value: string;
  change: string;
  limit: string;
  frames: string;
  verdict: Outcome;
  reason: string;
  /** Worse than before, though perhaps within the limit. */
  worse: boolean;
  plot: Plot | null;
};

/** Positions from 0 to 1. */
export type Plot = { kind: LimitKind; limit: number; mirror: number | null; zero: number | null; low: number; high: number; at: number };

export type GateView = {
  phase: number;
  outcome: Outcome;
  /** What decides it, in one sentence. */
  sentence: string;
  /** How many rows say so too. */
  others: number;
  at: number;
  from: number;
  to: number;
  rows: GateRow[];
};

const rank: Record<Outcome, number> = { fail: 0, inconclusive: 1, pass: 2 };

/** @param verdicts the newest first @returns null where nothing was judged yet */
export function gateView(verdicts: readonly VerdictFacts[], shortClass: (name: string) => string): GateView | null {
  const phase = verdicts.reduce((most, verdict) => Math.max(most, verdict.phase), -1);
  const latest = latestOf(verdicts.filter((verdict) => verdict.phase === phase));
  const deciding = [...latest].sort((a, b) => rank[outcomeOf(a)] - rank[outcomeOf(b)])[0];
  if (deciding === undefined) return null;
  const outcome = outcomeOf(deciding);
  const scales = new Map([...group(latest, scaleKey)].map(([key, rows]) => [key, scaleOf(rows)]));
  return {
    phase,
    outcome,
    sentence: outcome === 'pass' ? 'Every gate passes.' : deciding.message,
    others: outcome === 'pass' ? 0 : latest.filter((verdict) => outcomeOf(verdict) === outcome).length - 1,
    at: Math.max(...latest.map(({ at }) => at)),
    from: Math.min(...latest.map(({ from }) => from)),
    to: Math.max(...latest.map(({ to }) => to)),
    rows: latest.map((verdict) => toRow(verdict, scales.get(scaleKey(verdict)) ?? [0, 1], shortClass)),
  };
}

function latestOf(verdicts: readonly VerdictFacts[]): VerdictFacts[] {
  const seen = new Map<string, VerdictFacts>();
  for (const verdict of verdicts) {
    const key = `${verdict.metric} ${verdict.against} ${verdict.hardwareClass}`;
    if (!seen.has(key)) seen.set(key, verdict);
  }
  const order = Object.keys(metricWords);
  return [...seen.values()].sort(
    (a, b) =>
      order.indexOf(a.metric) - order.indexOf(b.metric) ||
      a.hardwareClass.localeCompare(b.hardwareClass, 'en', { numeric: true }) ||
      a.against.localeCompare(b.against),
  );
}

function outcomeOf({ verdict }: VerdictFacts): Outcome {
  return verdict === 'pass' || verdict === 'fail' ? verdict : 'inconclusive';
}

const metricWords: Record<string, string> = {
  latencyP95: 'Latency p95, ms',
  frameRate: 'Frame rate',
  errorRate: 'Errors',
  agreement: 'Agreement in shadow',
  confidenceShift: 'Mean confidence',
  classMixShift: 'Class-mix shift',
};

const againstWords: Record<string, string> = { limit: 'limit', baseline: 'own hours before', control: 'control' };

function kindOf(metric: string): LimitKind {
  if (metric === 'confidenceShift') return 'within';
  return metric === 'frameRate' || metric === 'agreement' ? 'atLeast' : 'atMost';
}

type Write = (value: number) => string;

const three: Write = (value) => value.toFixed(3);
const errors: Write = (value) => `${(value * 100).toFixed(2)}\u00A0%`;
const levels: Record<string, Write> = {
  latencyP95: formatMsNumber,
  frameRate: formatRate,
  errorRate: errors,
  agreement: formatShare,
  confidenceShift: three,
  classMixShift: three,
};

function signed(write: Write): Write {
  return (value) => (value < 0 ? `${minus}${write(-value)}` : `+${write(value)}`);
}

/** How a change, its interval and its limit are written: they share one scale. */
function changeOf({ metric, against }: Pick<VerdictFacts, 'metric' | 'against'>): Write {
  if (metric === 'latencyP95' || metric === 'frameRate')
    return against === 'limit' ? (metric === 'latencyP95' ? formatMs : formatRate) : signed(formatShare);
  if (metric === 'confidenceShift') return signed(three);
  return levels[metric] ?? three;
}

function toRow(verdict: VerdictFacts, scale: Scale, shortClass: (name: string) => string): GateRow {
  const { metric, against, hardwareClass, baseline, value, change, n } = verdict;
  const level = levels[metric] ?? three;
  const write = changeOf(verdict);
  return {
    key: `${metric} ${against} ${hardwareClass}`,
    metric: metricWords[metric] ?? metric,
    about: `${shortClass(hardwareClass)}, ${againstWords[against] ?? against}`,
    control: baseline === null ? none : level(baseline),
    value: value === null ? none : level(value),
    change: change === null ? none : write(change),
    limit: limitText(verdict, write),
    frames: formatCount(n),
    verdict: outcomeOf(verdict),
    reason: verdict.message,
    worse: against !== 'limit' && change !== null && (kindOf(metric) === 'atLeast' ? change < 0 : change > 0),
    plot: plotOf(verdict, scale),
  };
}

function limitText({ metric, threshold }: VerdictFacts, write: Write): string {
  const kind = kindOf(metric);
  if (kind === 'within') return `≤ ±${three(threshold)}`;
  return `${kind === 'atMost' ? '≤' : '≥'} ${write(threshold)}`;
}

type Scale = readonly [from: number, to: number];

/** Rows of one metric can be compared by eye. */
function scaleKey({ metric, against }: VerdictFacts): string {
  return `${metric} ${against}`;
}

/** An interval without end would press all others into a point. */
const widestInLimits = 3;

function scaleOf(rows: readonly VerdictFacts[]): Scale {
  const kind = kindOf(rows[0]?.metric ?? '');
  const anchors = rows.flatMap(({ threshold, change, against }) => [
    threshold,
    ...(kind === 'within' ? [-threshold] : []),
    ...(against === 'limit' && kind === 'atLeast' ? [1] : against === 'limit' && change !== null ? [change] : [0]),
    ...(change === null ? [] : [change]),
  ]);
  const span = Math.max(...anchors) - Math.min(...anchors) || Math.abs(anchors[0] ?? 1) || 1;
  const near = (value: number) =>
    Math.min(Math.max(value, Math.min(...anchors) - widestInLimits * span), Math.max(...anchors) + widestInLimits * span);
  const ends = rows.flatMap(({ low, high }) => [low, high]).flatMap((end) => (end === null ? [] : near(end)));
  const [from, to] = [Math.min(...anchors, ...ends), Math.max(...anchors, ...ends)];
  const margin = (to - from || span) * 0.12;
  return [from - margin, to + margin];
}

function plotOf({ metric, against, threshold, low, high, change }: VerdictFacts, [from, to]: Scale): Plot | null {
  if (low === null || high === null || change === null) return null;
  const kind = kindOf(metric);
  const place = (value: number) => Math.min(1, Math.max(0, (value - from) / (to - from)));
  return {
    kind,
    limit: place(threshold),
    mirror: kind === 'within' ? place(-threshold) : null,
    zero: against === 'limit' ? null : place(0),
    low: place(low),
    high: place(high),
    at: place(change),
  };
}
