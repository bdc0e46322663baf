/** @file Counts of answers, as they go onto the wire. */
import { maxCountedClasses, telemetrySchema } from '@alpharho/protocol';
import { describe, expect, it } from 'vitest';
import { AnswerCounts } from './answer-counts.ts';

const top = (index: number, probability = 0.5) => [{ class: index, label: `class ${index}`, probability }];

describe('answers', () => {
  it('are counted by their first class, the most frequent first, with how sure it was', () => {
    const counts = new AnswerCounts();
    for (const [index, probability] of [[3, 0.5], [7, 1], [3, 0.25]] as const) counts.add(top(index, probability)); // biome-ignore format: one line
    expect(counts.toWire()).toEqual({ n: 3, confidence: { sum: 1.75, squares: 1.3125 }, classes: [[3, 2], [7, 1]] }); // biome-ignore format: one line
  });

  it('are nothing where there were none', () => {
    expect(new AnswerCounts().toWire()).toBeUndefined();
  });

  it('of more classes than a message takes keep the frequent ones, and the whole number', () => {
    const counts = new AnswerCounts();
    for (let index = 0; index < 100; index += 1) for (let often = 0; often <= index; often += 1) counts.add(top(index));
    const wire = counts.toWire();
    expect(wire?.n).toBe(5050);
    expect(wire?.classes).toHaveLength(maxCountedClasses);
    expect(wire?.classes[0]).toEqual([99, 100]);
    expect(wire?.classes.at(-1)).toEqual([100 - maxCountedClasses, 101 - maxCountedClasses]);
    expect(telemetrySchema.shape.answers.parse(wire)).toEqual(wire);
  });
});
