import { describe, expect, it } from 'vitest';
import { sentence } from './words.ts';

const pi = { hardwareClass: 'Raspberry Pi 5', verdict: 'inconclusive' } as const;

describe('what a gate says of an interval', () => {
  it('names both ends where they tell something', () => {
    const limit = { kind: 'atMost', threshold: 10 } as const;
    expect(sentence({ ...pi, metric: 'latencyP95', against: 'limit', limit, low: 8, high: 31 })).toMatch(/between 8\.0.ms and 31\.0.ms;/);
  });

  it('writes no number with a hundred digits where a few blocks leave the upper end open', () => {
    const limit = { kind: 'atMost', threshold: 10 } as const;
    const told = sentence({ ...pi, metric: 'latencyP95', against: 'limit', limit, low: 1e-9, high: 2.7e111 });
    expect(told).toMatch(/^p95 on Raspberry Pi 5 cannot be told yet from so few blocks; the limit is 10\.0.ms\.$/);
  });

  it('does not compare by an interval without an end', () => {
    const limit = { kind: 'atMost', threshold: 0.15 } as const;
    const told = sentence({ ...pi, metric: 'latencyP95', against: 'control', limit, low: -0.99, high: 1e9 });
    expect(told).toMatch(/^Raspberry Pi 5 cannot be compared yet from so few blocks; the limit is 15\.0.% slower\.$/);
    const fewer = { kind: 'atLeast', threshold: -0.1 } as const;
    const frames = sentence({ ...pi, metric: 'frameRate', against: 'control', limit: fewer, low: -0.99, high: 1e9 });
    expect(frames).toMatch(/may give up to 99\.0.% fewer frames/);
  });
});
