/** @file How sure the p95 of a variant on a class of hardware is. Pure. */
import { LatencySketch, type Sketch } from '@alpharho/protocol';
import { SketchSum } from '../../../lib/sketch-sum.ts';
import { studentQuantile, variance } from '../gates/statistics.ts';

export type P95 = { value: number; low: number; high: number; frames: number; devices: number };

/** Frames of one stretch share their scene and their heat: ten count for one. */
const alike = 10;
const leastDevices = 3;

/**
 * The p95 of all frames with a 95 % interval: the wider one of what so many frames leave open (by their ranks: David, Nagaraja: Order
 * Statistics, 2003, §7.1) and, from three devices on, of what the devices differ by.
 * @param devices one sketch each
 * @returns undefined where nothing was measured.
 */
export function p95Interval(devices: readonly Sketch[]): P95 | undefined {
  const sum = new SketchSum();
  for (const sketch of devices) sum.add(sketch);
  if (sum.count === 0) return undefined;
  const all = LatencySketch.fromWire(sum.toWire());
  const at = (rank: number) => all.quantile(Math.min(Math.max(rank, 0), 1)) ?? 0;
  const value = at(0.95);
  const ranks = 1.96 * Math.sqrt((0.95 * 0.05 * alike) / sum.count);
  const own = devices.flatMap((sketch) => {
    const p95 = LatencySketch.fromWire(sketch).quantile(0.95);
    return p95 === undefined ? [] : [Math.log(p95)];
  });
  const between = own.length < leastDevices ? 0 : Math.sqrt(variance(own) / own.length) * studentQuantile(0.025, own.length - 1);
  return {
    value,
    low: Math.min(at(0.95 - ranks), value * Math.exp(-between)),
    high: Math.max(at(0.95 + ranks), value * Math.exp(between)),
    frames: sum.count,
    devices: own.length,
  };
}
