/**
 * @file A fleet that has no devices: minute windows of telemetry as boards in the field send them, the same for the same seed.
 *
 * What a minute's latencies are multiplied by: the device's own offset, the day, the weather of all boards of a class, the scene
 * (correlated from minute to minute), the room (correlated over an hour) and bursts of throttling, of which three boards of ten say
 * nothing. A twentieth of the frames is late by up to three times.
 */
import { LatencySketch } from '@alpharho/protocol';
import type { GateWindow } from '../../server/rollouts/gates/input.ts';
import { type Random, randomOf } from './random.ts';

const minute = 60_000;

/** Standard deviations are of the logarithm: 0.04 is about 4 %. */
export type Nature = {
  offset: number;
  /** Amplitude of the day, and how far devices are out of step with it, hours. */
  day: number;
  dayJitterHours: number;
  weather: number;
  scene: number;
  sceneCorrelation: number;
  room: number;
  roomCorrelation: number;
  /** Chance that a burst begins in a minute, its mean length in minutes, and by what it slows a board down. */
  burst: number;
  burstMinutes: number;
  burstFactor: number;
  /** How differently devices take the new variant. */
  effectSpread: number;
  framesPerMinute: number;
};

export const usualNature: Nature = {
  offset: 0.08,
  day: 0.06,
  dayJitterHours: 1,
  weather: 0.02,
  scene: 0.04,
  sceneCorrelation: 0.7,
  room: 0.02,
  roomCorrelation: 0.98,
  burst: 1 / 500,
  burstMinutes: 6,
  burstFactor: 1.4,
  effectSpread: 0.02,
  framesPerMinute: 300,
};

export type BoardClass = { name: string; share: number; medianMs: number };

export const boardClasses: readonly BoardClass[] = [
  { name: 'Raspberry Pi 4', share: 0.45, medianMs: 32 },
  { name: 'Raspberry Pi 5', share: 0.3, medianMs: 12 },
  { name: 'Jetson Orin Nano', share: 0.15, medianMs: 5 },
  { name: 'Raspberry Pi Zero 2 W', share: 0.1, medianMs: 140 },
];

export type Variant = { id: string /** Latency as a multiple of the old one's. */; factor: number; failing?: number };

export const oldVariant: Variant = { id: 'a'.repeat(64), factor: 1 };

/** Spread of a minute's own frames. */
const frameSpread = 0.15;
const lateShare = 0.05;

type Course = { random: Random; scene: number; room: number; burst: boolean; at: number };

export class SimulatedDevice {
  readonly id: string;
  readonly board: BoardClass;
  private readonly nature: Nature;
  private readonly weather: (at: number) => number;
  private readonly offset: number;
  private readonly dayShift: number;
  private readonly tells: boolean;
  private readonly taste: number;
  private readonly course: Course;
  private readonly windows: GateWindow[] = [];
  private switches: { at: number; variant: Variant }[];

  constructor(id: string, board: BoardClass, seed: number, start: number, nature: Nature, weather: (at: number) => number) {
    const random = randomOf(seed);
    this.id = id;
    this.board = board;
    this.nature = nature;
    this.weather = weather;
    this.offset = nature.offset * random.normal();
    this.dayShift = nature.dayJitterHours * random.normal();
    this.tells = random.uniform() < 0.7;
    this.taste = nature.effectSpread * random.normal();
    this.course = { random, scene: nature.scene * random.normal(), room: nature.room * random.normal(), burst: false, at: start };
    this.switches = [{ at: Number.NEGATIVE_INFINITY, variant: oldVariant }];
  }

  /** From this minute on. */
  give(variant: Variant, at: number): void {
    this.switches.push({ at, variant });
  }

  /** Minute windows that end at or before `to`, oldest first. */
  until(to: number): readonly GateWindow[] {
    while (this.course.at + minute <= to) this.windows.push(this.nextMinute());
    return this.windows;
  }

  private nextMinute(): GateWindow {
    const { course, nature } = this;
    const start = course.at;
    course.at += minute;
    const variant = this.switches.findLast(({ at }) => at <= start)?.variant ?? oldVariant;
    const level = this.board.medianMs * Math.exp(this.logFactor(start, variant));
    const latency = new LatencySketch();
    for (let frame = 0; frame < nature.framesPerMinute; frame += 1) latency.record(level * this.frameFactor());
    const failed = variant.failing === undefined ? 0 : Math.round(variant.failing * nature.framesPerMinute);
    return {
      device: this.id,
      variant: variant.id,
      rho: null,
      rate: null,
      throttled: course.burst && this.tells,
      start,
      end: start + minute,
      captured: nature.framesPerMinute,
      classified: nature.framesPerMinute - failed,
      dropped: 0,
      failed,
      latency: latency.toWire(),
      answers: null,
    };
  }

  private logFactor(at: number, variant: Variant): number {
    const { course, nature } = this;
    const { random } = course;
    const step = (value: number, correlation: number, spread: number) =>
      correlation * value + Math.sqrt(1 - correlation ** 2) * spread * random.normal();
    course.scene = step(course.scene, nature.sceneCorrelation, nature.scene);
    course.room = step(course.room, nature.roomCorrelation, nature.room);
    course.burst = course.burst ? random.uniform() > 1 / nature.burstMinutes : random.uniform() < nature.burst;
    const hours = at / 3_600_000 + this.dayShift;
    const day = nature.day * Math.sin((2 * Math.PI * hours) / 24);
    const effect = variant === oldVariant ? 0 : Math.log(variant.factor) + this.taste;
    return this.offset + day + this.weather(at) + course.scene + course.room + (course.burst ? Math.log(nature.burstFactor) : 0) + effect;
  }

  private frameFactor(): number {
    const { random } = this.course;
    const late = random.uniform() < lateShare ? 1 + 2 * random.uniform() ** 2 : 1;
    return Math.exp(frameSpread * random.normal()) * late;
  }
}

/** Devices of all classes, by their shares. */
export function simulatedFleet(count: number, seed: number, start: number, nature: Nature): SimulatedDevice[] {
  const random = randomOf(seed);
  return boardClasses.flatMap((board, index) => {
    const weather = weatherOf(randomOf(seed * 31 + index), start, nature.weather);
    return Array.from({ length: Math.round(count * board.share) }, (_, number) => {
      const id = `${board.name.toLowerCase().replaceAll(' ', '-')}-${number}`;
      return new SimulatedDevice(id, board, Math.floor(random.uniform() * 2 ** 32), start, nature, weather);
    });
  });
}

/** What all boards of a class have in common, a minute at a time. */
function weatherOf(random: Random, start: number, spread: number): (at: number) => number {
  const values: number[] = [spread * random.normal()];
  return (at) => {
    const index = Math.floor((at - start) / minute);
    while (values.length <= index) values.push(0.97 * (values.at(-1) ?? 0) + Math.sqrt(1 - 0.97 ** 2) * spread * random.normal());
    return values[index] ?? 0;
  };
}
