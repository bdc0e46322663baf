/** @file The gate's sentences, in the words of the design language. Pure. */
import { formatInteger, formatMs, formatShare, minus, plural } from '../../../lib/format.ts';
import type { Against, Metric, Outcome } from './input.ts';

export type Limit = { kind: 'atMost' | 'atLeast' | 'within'; threshold: number };

export type Judged = {
  metric: Metric;
  against: Against;
  hardwareClass: string;
  limit: Limit;
  low: number;
  high: number;
  verdict: Outcome;
};

/** An interval that reaches so far past its limit, or is so many times slower, has no end worth a number: the blocks are few, or follow each other too closely. */
const endless = 20;

/** What the interval says of the limit: `Raspberry Pi 5 may be up to 8.2 % slower; the limit is 5.0 %.` */
export function sentence(judged: Judged): string {
  if (isEndless(judged)) return endlessWords(judged);
  const words = judged.against === 'limit' ? absolute[judged.metric] : (relative[judged.metric] ?? absolute[judged.metric]);
  return words(judged);
}

function isEndless({ metric, against, limit, high, verdict }: Judged): boolean {
  return verdict === 'inconclusive' && metric === 'latencyP95' && high > (against === 'limit' ? endless * limit.threshold : endless);
}

function endlessWords({ against, hardwareClass, limit: { threshold } }: Judged): string {
  return against === 'limit'
    ? `p95 on ${hardwareClass} cannot be told yet from so few blocks; the limit is ${formatMs(threshold)}.`
    : `${hardwareClass} cannot be compared yet from so few blocks; the limit is ${percent(threshold)} slower.`;
}

type Words = (judged: Judged) => string;

const relative: Partial<Record<Metric, Words>> = {
  latencyP95: (judged) =>
    `${judged.hardwareClass} ${comparison(judged, 'slower', 'faster')}; the limit is ${percent(judged.limit.threshold)} slower.`,
  frameRate: (judged) =>
    `${judged.hardwareClass} ${comparison(flipped(judged), 'fewer frames', 'more frames', 'gives')}; the limit is ${percent(-judged.limit.threshold)} fewer.`,
};

const absolute: Record<Metric, Words> = {
  latencyP95: (judged) => `p95 on ${judged.hardwareClass} is ${bound(judged, formatMs)}; the limit is ${formatMs(judged.limit.threshold)}.`,
  frameRate: (judged) =>
    `Frames a second on ${judged.hardwareClass}: ${bound(judged, (rate) => rate.toFixed(1))}; the limit is ${judged.limit.threshold}.`,
  errorRate: (judged) =>
    `${judged.hardwareClass} fails on ${bound(judged, share)} of frames; the limit is ${share(judged.limit.threshold)}.`,
  agreement: (judged) =>
    `The variants agree on ${bound(judged, formatShare)} of frames on ${judged.hardwareClass}; the limit is ${formatShare(judged.limit.threshold)}.`,
  confidenceShift: (judged) =>
    `Mean confidence on ${judged.hardwareClass} moves by ${signed(judged.low)} to ${signed(judged.high)}; the limit is ±${judged.limit.threshold.toFixed(3)}.`,
  classMixShift: (judged) =>
    `The mix of classes on ${judged.hardwareClass} moves by ${bound(judged, three)}; the limit is ${three(judged.limit.threshold)}.`,
};

/** The end of the interval that decides: the near one of a failure, else the far one. */
function bound({ limit, low, high, verdict }: Judged, format: (value: number) => string): string {
  if (limit.kind === 'atLeast') {
    if (verdict === 'fail') return `at most ${format(high)}`;
    return verdict === 'pass' ? `at least ${format(low)}` : `between ${format(low)} and ${format(high)}`;
  }
  if (verdict === 'fail') return `at least ${format(low)}`;
  return verdict === 'pass' ? `at most ${format(high)}` : `between ${format(Math.max(0, low))} and ${format(high)}`;
}

function comparison({ low, high, verdict }: Judged, worse: string, better: string, verb = 'is'): string {
  if (verdict === 'fail') return `${verb} at least ${percent(low)} ${worse}`;
  if (verdict === 'inconclusive')
    return verb === 'is' ? `may be up to ${percent(high)} ${worse}` : `may give up to ${percent(high)} ${worse}`;
  return high <= -0.0005 ? `${verb} at least ${percent(-high)} ${better}` : `${verb} at most ${percent(high)} ${worse}`;
}

/** Fewer is worse: turned round, so that both comparisons read alike. */
function flipped(judged: Judged): Judged {
  return { ...judged, low: -judged.high, high: -judged.low };
}

function percent(ratio: number): string {
  return formatShare(Math.abs(ratio)).replace('-', minus);
}

/** Errors are rare: two decimals. */
function share(value: number): string {
  return `${(value * 100).toFixed(2)}\u00A0%`;
}

function three(value: number): string {
  return value.toFixed(3);
}

function signed(value: number): string {
  return `${value < 0 ? minus : '+'}${three(Math.abs(value))}`;
}

export const lacks = {
  frames: (have: number, wanted: number) => `${formatInteger(have)} of ${plural(wanted, 'frame')}.`,
  silence: (silent: number, all: number) => `${silent} of ${plural(all, 'device')} ${silent === 1 ? 'sends' : 'send'} no frames.`,
  setting: (aside: number) => `Throttled, or stepped down by the governor, for ${formatShare(aside)} of the window: not comparable.`,
  after: (have: number, wanted: number, minutes: number) => `${have} of ${wanted} blocks of ${minutes}\u00A0m since the switch.`,
  before: (have: number, wanted: number, minutes: number) => `${have} of ${wanted} blocks of ${minutes}\u00A0m before the switch.`,
  failures: 'The agents do not say how many frames failed.',
  answers: 'The agents do not say what they answered.',
  shadow: (have: number, wanted: number) => `${formatInteger(have)} of ${plural(wanted, 'frame')} in shadow.`,
  windows: 'No device serves the new variant yet.',
  null: 'Its own hours before are too few.',
};

export const noControl = (baselineMinutes: number) => ` No control left: compared with its own ${baselineMinutes}\u00A0m before.`;
export const someSilent = (silent: number, all: number) => ` ${silent} of ${plural(all, 'device')} ${silent === 1 ? 'is' : 'are'} silent.`;
