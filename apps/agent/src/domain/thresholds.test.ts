import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { anyProbability, isSure, parseThresholds, strangeLabels } from './thresholds.ts';

describe('thresholds', () => {
  it.each([
    ['ok=0.8', [['ok', 0.8]], 0],
    ['*=0.5', [], 0.5],
    [' label missing = .75 , *=0.5 ', [['label missing', 0.75]], 0.5],
    [
      'tench, Tinca tinca=0.9,goldfish=1',
      [
        ['tench, Tinca tinca', 0.9],
        ['goldfish', 1],
      ],
      0,
    ],
    ['constructor=0.5', [['constructor', 0.5]], 0],
  ])('reads %j', (text, labels, others) => {
    expect(parseThresholds(text)).toEqual({ labels: new Map(labels as [string, number][]), others });
  });

  it.each(['', ' ', 'ok', 'ok=', '=0.5', 'ok=1.5', 'ok=-1', 'ok=0.5,ok=0.6', 'ok=0.5,bad', 'ok=0.5 bad=0.6', 'a=b=0.5', 'ok=NaN'])(
    'refuses %j',
    (text) => {
      expect(parseThresholds(text)).toBeUndefined();
    },
  );

  it('takes no time for what could make it search', () => {
    expect(parseThresholds('a='.repeat(2000))).toBeUndefined();
    expect(parseThresholds(`${' '.repeat(4000)}x`)).toBeUndefined();
  });

  it('wants of a named label its own, of every other that of the star', () => {
    const thresholds = parseThresholds('scratched=0.8,*=0.5') ?? anyProbability;
    expect(isSure(thresholds, { label: 'scratched', probability: 0.79 })).toBe(false);
    expect(isSure(thresholds, { label: 'scratched', probability: 0.8 })).toBe(true);
    expect(isSure(thresholds, { label: 'ok', probability: 0.5 })).toBe(true);
    expect(isSure(thresholds, { label: 'ok', probability: 0.49 })).toBe(false);
    expect(isSure(anyProbability, { label: 'ok', probability: 0 })).toBe(true);
  });

  it('knows the labels that a variant does not have', () => {
    const thresholds = parseThresholds('scratched=0.8,rusty=0.5,*=0.1') ?? anyProbability;
    expect(strangeLabels(thresholds, ['ok', 'scratched'])).toEqual(['rusty']);
  });

  it('reads what it was made of', () => {
    const label = fc.stringMatching(/^[a-z]([a-z, ]*[a-z])?$/);
    const made = fc.uniqueArray(
      fc.tuple(
        label,
        fc.integer({ min: 0, max: 1000 }).map((value) => value / 1000),
      ),
      {
        minLength: 1,
        maxLength: 8,
        selector: ([name]) => name,
      },
    );
    fc.assert(
      fc.property(made, (entries) => {
        const text = entries.map(([name, value]) => `${name}=${value}`).join(',');
        expect(parseThresholds(text)?.labels).toEqual(new Map(entries));
      }),
    );
  });
});
