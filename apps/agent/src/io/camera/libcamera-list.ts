/** @file The cameras and sensor modes that `rpicam-hello --list-cameras` tells of. */

import { runTool } from '../system/run-tool.ts';
import { findProgram } from './programs.ts';

export type SensorMode = {
  readonly width: number;
  readonly height: number;
  readonly bits: number;
  /** Packed, as libcamera's `--mode` calls it. */
  readonly packed: boolean;
  readonly rate: number;
  /** What it sees of the sensor, in its pixels. */
  readonly field: { readonly width: number; readonly height: number };
};
export type LibcameraCamera = {
  readonly index: number;
  readonly model: string;
  readonly id: string;
  readonly modes: readonly SensorMode[];
};

/** Before 2023 the programs were called after the library. */
export const listPrograms = ['rpicam-hello', 'libcamera-hello'] as const;

/** @returns undefined where neither program is on the path */
export async function listLibcamera(path?: string, signal?: AbortSignal): Promise<LibcameraCamera[] | undefined> {
  const program = await findProgram(listPrograms, path);
  const answer = program === undefined ? undefined : await runTool(program, ['--list-cameras'], signal);
  // The list goes to stdout; some releases wrote it to stderr.
  return answer === undefined ? undefined : parseLibcameraList(`${answer.stdout.toString('utf8')}\n${answer.stderr}`);
}

export function parseLibcameraList(text: string): LibcameraCamera[] {
  const cameras: { index: number; model: string; id: string; modes: SensorMode[] }[] = [];
  let pattern = '';
  for (const line of text.split('\n')) {
    const camera = /^(\d+) : (\S+) \[[^\]]*\] \((.+)\)\s*$/.exec(line);
    if (camera !== null) cameras.push({ index: Number(camera[1]), model: camera[2] ?? '', id: camera[3] ?? '', modes: [] });
    pattern = /'([A-Za-z0-9_]+)' :/.exec(line)?.[1] ?? pattern;
    const mode = /(\d+)x(\d+) \[([\d.]+) fps - \(\d+, \d+\)\/(\d+)x(\d+) crop\]/.exec(line);
    if (mode === null) continue;
    const [width = 0, height = 0, rate = 0, fieldWidth = 0, fieldHeight = 0] = mode.slice(1).map(Number);
    const bits = Number(/\d+/.exec(pattern)?.[0] ?? 0);
    cameras
      .at(-1)
      ?.modes.push({ width, height, bits, packed: pattern.endsWith('P'), rate, field: { width: fieldWidth, height: fieldHeight } });
  }
  return cameras;
}

/**
 * The mode that sees most of the sensor, and of those the smallest that is quick enough. Left to itself libcamera takes the mode nearest
 * to the size asked for; for a small frame that is one that sees a part of the scene only, and another one after a change of size.
 */
export function widestMode(modes: readonly SensorMode[], rate: number): SensorMode | undefined {
  const field = (mode: SensorMode): number => mode.field.width * mode.field.height;
  const widest = Math.max(...modes.map(field));
  // Modes that skip pixels lose a row or two of the whole.
  const whole = modes.filter((mode) => field(mode) >= widest * 0.98);
  const quick = whole.filter((mode) => mode.rate >= rate);
  const area = (mode: SensorMode): number => mode.width * mode.height;
  return [...(quick.length > 0 ? quick : whole)].sort((a, b) => area(a) - area(b) || b.bits - a.bits)[0];
}

/** As `--mode` takes it. */
export function modeText({ width, height, bits, packed }: SensorMode): string {
  return `${width}:${height}:${bits}:${packed ? 'P' : 'U'}`;
}
