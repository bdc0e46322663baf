/** @file Latency by stage: one sketch for each, and one for the whole way of a frame. */
import { LatencySketch, stages as partsOfTheWay } from '@alpharho/protocol';

/** `total` is from captured to answered. */
export const stages = ['total', ...partsOfTheWay] as const;
export type Stage = (typeof stages)[number];
export type StageSketches = Readonly<Record<Stage, LatencySketch>>;

/** Empty ones. */
export function newSketches(): StageSketches {
  return Object.fromEntries(stages.map((stage) => [stage, new LatencySketch()])) as StageSketches;
}
