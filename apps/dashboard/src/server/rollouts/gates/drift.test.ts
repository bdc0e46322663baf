import { describe, expect, it } from 'vitest';
import { randomOf } from '../../../bench/gates/random.ts';
import { type DriftVerdict, type HourOfAnswers, judgeDrift } from './drift.ts';

const framesPerHour = 3600;
/** Frames of one scene are answered alike. */
const framesPerScene = 20;

type Injected = { from: number; mix?: number; confidence?: number };

/** Hours of one camera: by day other things pass than by night, each hour differs a little from the same one of yesterday. */
function cameraHours(seed: number, hours: number, injected?: Injected): HourOfAnswers[] {
  const { normal, uniform } = randomOf(seed);
  const base = Array.from({ length: 12 }, () => normal());
  const daily = base.map(() => ({ amplitude: 0.6 * normal(), phase: 24 * uniform() }));
  const course = base.map(() => 0.15 * normal());
  return Array.from({ length: hours }, (_, hour) => {
    for (const [index, value] of course.entries()) course[index] = 0.8 * value + 0.6 * 0.15 * normal();
    const drifted = injected !== undefined && hour >= injected.from;
    const weights = base.map((value, index) => {
      const { amplitude, phase } = daily[index] ?? { amplitude: 0, phase: 0 };
      return Math.exp(value + amplitude * Math.sin((2 * Math.PI * (hour - phase)) / 24) + (course[index] ?? 0));
    });
    const counts = base.map(() => 0);
    for (let scene = 0; scene < framesPerHour / framesPerScene; scene += 1) {
      // The drift: so large a share of the scenes shows the least usual thing.
      const rare = weights.indexOf(Math.min(...weights));
      const label = drifted && uniform() < (injected.mix ?? 0) ? rare : pick(weights, uniform());
      counts[label] = (counts[label] ?? 0) + framesPerScene;
    }
    const confidence = 0.7 + 0.03 * Math.sin((2 * Math.PI * hour) / 24) + 0.008 * normal() + (drifted ? (injected.confidence ?? 0) : 0);
    return {
      hour,
      answers: {
        n: framesPerHour,
        confidence: { sum: confidence * framesPerHour, squares: confidence ** 2 * framesPerHour },
        classes: counts.map((count, label): [number, number] => [label, count]),
      },
    };
  });
}

function pick(weights: readonly number[], uniform: number): number {
  let left = uniform * weights.reduce((sum, weight) => sum + weight, 0);
  for (const [index, weight] of weights.entries()) {
    left -= weight;
    if (left <= 0) return index;
  }
  return weights.length - 1;
}

/** As they come in, one after the other. */
function alarms(hours: readonly HourOfAnswers[]): { hour: number; metric: DriftVerdict['metric'] }[] {
  return hours.flatMap(({ hour }, index) =>
    judgeDrift(hours.slice(Math.max(0, index - 14 * 24), index + 1)).flatMap(({ metric, verdict }) =>
      verdict === 'drift' ? [{ hour, metric }] : [],
    ),
  );
}

const seeds = Array.from({ length: 20 }, (_, seed) => seed + 1);

describe('drift without labels', () => {
  it('raises no alarm in seven quiet days of twenty cameras', () => {
    expect(seeds.flatMap((seed) => alarms(cameraHours(seed, 7 * 24)))).toEqual([]);
  });

  it('alarms in the first hour in which a third of the scenes shows something else, at any time of day', () => {
    const missed = seeds.filter((seed) => {
      const from = 5 * 24 + seed;
      return alarms(cameraHours(seed, from + 1, { from, mix: 0.35 })).every(({ hour, metric }) => hour !== from || metric !== 'classMix');
    });
    expect(missed).toEqual([]);
  });

  it.each([-0.1, 0.1])('alarms in the first hour in which mean confidence has moved by %f', (confidence) => {
    const missed = seeds.filter((seed) => {
      const from = 5 * 24 + seed;
      return alarms(cameraHours(seed, from + 1, { from, confidence })).every(
        ({ hour, metric }) => hour !== from || metric !== 'confidence',
      );
    });
    expect(missed).toEqual([]);
  });

  it('says nothing in the first two days, and nothing of an hour with hardly a frame', () => {
    const hours = cameraHours(1, 7 * 24);
    expect(judgeDrift([])).toEqual([]);
    expect(judgeDrift(hours.slice(0, 40))).toEqual([]);
    expect(judgeDrift(hours.slice(0, 60)).map(({ metric }) => metric)).toEqual(['classMix', 'confidence']);
    const few = { ...hours[60]!, answers: { n: 20, confidence: { sum: 4, squares: 1 }, classes: [[11, 20]] as [number, number][] } };
    expect(judgeDrift([...hours.slice(0, 60), few]).every(({ verdict }) => verdict === 'quiet')).toBe(true);
  });
});
