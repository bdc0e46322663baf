/** @file Telemetry windows as blocks of equal length, which are what the statistics count. Pure. */
import { LatencySketch, type Sketch } from '@alpharho/protocol';
import { SketchSum } from '../../../lib/sketch-sum.ts';
import type { Answers, GateWindow } from './input.ts';

/** One device within one block of the clock. */
export type Block = {
  frames: number;
  /** Null where a window does not say. */
  failed: number | null;
  /** Milliseconds; undefined where no frame was classified. */
  p95: number | undefined;
  /** Classified a second of the time that the windows cover. */
  rate: number;
  answers: Answers | null;
};

/** Number of the block since 1970 → block. */
export type Series = ReadonlyMap<number, Block>;

/** Frames that a block's p95 is to rest on. */
const framesOfP95 = 60;
const minute = 60_000;
const lengths = [minute, 2 * minute, 3 * minute, 5 * minute, 10 * minute, 15 * minute];
/** A window holds at least so many blocks, or nothing could be said of their spread. */
const blocksOfWindow = 5;
/** A block of which less is covered is left out: it says little, as loudly as the others. */
const leastCover = 0.5;

/** The shortest blocks whose p95 rests on enough frames, and which leave enough of them in the gate's window. */
export function blockLength(windows: readonly GateWindow[], window: number): number {
  let frames = 0;
  let time = 0;
  for (const each of windows) {
    frames += each.classified;
    time += each.end - each.start;
  }
  const longest = Math.max(minute, window / blocksOfWindow);
  const fitting = lengths.filter((length) => length <= longest);
  const wanted = fitting.find((length) => frames * length >= framesOfP95 * time);
  return wanted ?? fitting.at(-1) ?? minute;
}

export function toSeries(windows: readonly GateWindow[], length: number): Series {
  const members = new Map<number, GateWindow[]>();
  for (const window of windows) {
    const index = Math.floor((window.start + window.end) / 2 / length);
    const list = members.get(index);
    if (list === undefined) members.set(index, [window]);
    else list.push(window);
  }
  const series = new Map<number, Block>();
  for (const [index, list] of members) {
    const covered = list.reduce((sum, { start, end }) => sum + end - start, 0);
    if (covered >= leastCover * length) series.set(index, toBlock(list, covered));
  }
  return series;
}

function toBlock(windows: GateWindow[], covered: number): Block {
  const sum = (of: (window: GateWindow) => number) => windows.reduce((total, window) => total + of(window), 0);
  const frames = sum(({ classified }) => classified);
  const silent = windows.some(({ failed }) => failed === null);
  return {
    frames,
    failed: silent ? null : sum(({ failed }) => failed ?? 0),
    p95: p95Of(windows),
    rate: (frames * 1000) / covered,
    answers: mergeAnswers(windows.map(({ answers }) => answers)),
  };
}

/** Most windows are judged many times over, a minute later each. */
const known = new WeakMap<Sketch, number>();

function p95Of(windows: GateWindow[]): number | undefined {
  const [first, ...others] = windows;
  if (first === undefined) return undefined;
  if (others.length === 0) {
    const remembered = known.get(first.latency);
    if (remembered !== undefined) return remembered;
  }
  const sum = new SketchSum();
  for (const { latency } of windows) sum.add(latency);
  const p95 = LatencySketch.fromWire(sum.toWire()).quantile(0.95);
  if (others.length === 0 && p95 !== undefined) known.set(first.latency, p95);
  return p95;
}

/** Null where none of them says anything. */
export function mergeAnswers(parts: readonly (Answers | null)[]): Answers | null {
  const told = parts.filter((part) => part !== null);
  const [only] = told;
  if (only === undefined) return null;
  if (told.length === 1) return only;
  const classes = new Map<number, number>();
  for (const part of told) for (const [label, count] of part.classes) classes.set(label, (classes.get(label) ?? 0) + count);
  return {
    n: told.reduce((sum, { n }) => sum + n, 0),
    confidence: {
      sum: told.reduce((sum, { confidence }) => sum + confidence.sum, 0),
      squares: told.reduce((sum, { confidence }) => sum + confidence.squares, 0),
    },
    classes: [...classes],
  };
}
