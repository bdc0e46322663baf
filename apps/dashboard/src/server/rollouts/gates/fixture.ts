/** @file Made-up telemetry for the gates' tests: minute windows of devices, the same each time. */
import { LatencySketch, type Sketch } from '@alpharho/protocol';
import type { Answers, GateInput, Gates, GateWindow } from './input.ts';

export const minute = 60_000;
export const hour = 60 * minute;
/** When the new variant has served for twenty minutes, unless a test says otherwise. */
export const now = 1_800_000_000_000 - (1_800_000_000_000 % hour);
export const pi4 = 'Raspberry Pi 4';
export const pi5 = 'Raspberry Pi 5';
const oldVariant = 'a'.repeat(64);
const newVariant = 'b'.repeat(64);

/** Nothing is judged by them. */
export const noGates: Gates = {
  window: 15 * minute,
  baseline: 2 * hour,
  minFrames: 600,
  latencyP95: {},
  frameRate: {},
  errorRate: {},
  agreement: {},
  confidenceShift: {},
  classMixShift: {},
};

/** One minute of one device, as a function of when, in minutes before (negative) or after the switch. */
export type Minute = {
  p95?: number;
  frames?: number;
  captured?: number;
  failed?: number | null;
  rho?: number | null;
  rate?: number | null;
  throttled?: boolean;
  confidence?: number;
  /** Shares of the classes 0, 1, 2, … */
  mix?: number[];
  answers?: null;
  /** Nothing is sent for this minute. */
  gap?: boolean;
  /** By how much the device's clock misdates the window, milliseconds. */
  skew?: number;
};

export type Board = {
  name: string;
  hardwareClass?: string;
  /** Null: it is a control. */
  switched?: number | null;
  at?: (minutes: number) => Minute;
  hoursBefore?: number;
  /** Shares of the noise from minute to minute. */
  noise?: number;
};

/** A gate's input: boards that were told `took` minutes before the switch, twenty minutes ago. */
export function gateInput(boards: readonly Board[], gates: Partial<Gates>, shadows: GateInput['shadows'] = []): GateInput {
  const switchedAt = (board: Board) => now - (board.switched ?? 20) * minute;
  return {
    now,
    treated: boards
      .filter(({ switched }) => switched !== null)
      .map((board) => ({
        device: board.name,
        hardwareClass: board.hardwareClass ?? pi4,
        variant: newVariant,
        toldAt: switchedAt(board) - 3 * minute,
        switchedAt: switchedAt(board),
      })),
    control: boards.filter(({ switched }) => switched === null).map(({ name, hardwareClass = pi4 }) => ({ device: name, hardwareClass })),
    windows: boards.flatMap((board) => windowsOf(board, switchedAt(board))),
    shadows,
    gates: { ...noGates, ...gates },
  };
}

function windowsOf(board: Board, switchedAt: number): GateWindow[] {
  const windows: GateWindow[] = [];
  const first = switchedAt - (board.hoursBefore ?? 2) * hour - 4 * minute;
  for (let start = first; start < now; start += minute) {
    const minutes = Math.round((start - switchedAt) / minute);
    const at = board.at?.(minutes) ?? {};
    if (at.gap) continue;
    windows.push(windowOf(board, board.switched !== null && start >= switchedAt, start + (at.skew ?? 0), minutes, at));
  }
  return windows;
}

function windowOf(board: Board, switched: boolean, start: number, minutes: number, at: Minute): GateWindow {
  const frames = at.frames ?? 300;
  const wobble = (board.noise ?? 0.02) * noiseAt(board.name, minutes);
  return {
    device: board.name,
    variant: switched ? newVariant : oldVariant,
    rho: at.rho ?? null,
    rate: at.rate ?? null,
    throttled: at.throttled ?? false,
    start,
    end: start + minute,
    captured: at.captured ?? 300,
    classified: frames,
    dropped: 0,
    failed: at.failed === undefined ? 0 : at.failed,
    latency: sketchOf((at.p95 ?? 40) * Math.exp(wobble), Math.min(frames, 60)),
    answers: at.answers === null || frames === 0 ? null : answersOf(frames, (at.confidence ?? 0.7) + wobble / 4, at.mix ?? [0.5, 0.3, 0.2]),
  };
}

/** From −1 to 1, without a pattern. */
function noiseAt(name: string, minutes: number): number {
  let hash = 2_166_136_261;
  for (const letter of `${name} ${minutes}`) hash = Math.imul(hash ^ letter.charCodeAt(0), 16_777_619);
  hash = Math.imul(hash ^ (hash >>> 15), 0x2c1b3c6d);
  return ((hash ^ (hash >>> 13)) >>> 0) / 2 ** 31 - 1;
}

/** Readings whose p95 is this, and whose others lie below as a camera's do. */
function sketchOf(p95: number, frames: number): Sketch {
  const sketch = new LatencySketch();
  for (let index = 0; index < frames; index += 1) sketch.record(p95 * (0.6 + (0.4 * index) / Math.max(1, 0.95 * frames)));
  return sketch.toWire();
}

function answersOf(n: number, confidence: number, mix: readonly number[]): Answers {
  return {
    n,
    confidence: { sum: n * confidence, squares: n * confidence * confidence },
    classes: mix.map((share, index): [number, number] => [index, Math.round(share * n)]).filter(([, count]) => count > 0),
  };
}

/** Untouched boards. */
export function controls(count: number, at?: Board['at'], hardwareClass = pi4): Board[] {
  return Array.from({ length: count }, (_, index) => ({
    name: `control-${hardwareClass}-${index}`,
    hardwareClass,
    switched: null,
    ...(at !== undefined && { at }),
  }));
}

/** From the switch on, this; before it, the usual. */
export function after(now: Minute, before: Minute = {}): Board['at'] {
  return (minutes) => (minutes >= 0 ? now : before);
}
