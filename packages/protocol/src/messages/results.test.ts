import { describe, expect, it } from 'vitest';
import { decode, encode } from '../codec.ts';
import { topics } from '../topics.ts';
import { maxResultsPerBatch, type Result, type Results } from './results.ts';

const at = 1_767_225_600_000;

function resultAt(seq: number, change: Partial<Result> = {}): Result {
  return { seq, frame: seq, at, variant: 0, ms: 4.2, top: [{ class: 7, label: 'bottle', probability: 0.9 }], ...change };
}

function batchOf(results: Result[], variants = ['a'.repeat(64)]): Results {
  return { v: 1, session: 'session-1', sentAt: at, variants, results };
}

const problemOf = (batch: Results): string => {
  const decoded = decode('results', Buffer.from(JSON.stringify(batch)));
  return decoded.ok ? 'none' : decoded.message;
};

describe('a batch of results', () => {
  it('is contiguous', () => {
    expect(problemOf(batchOf([resultAt(41), resultAt(42), resultAt(43)]))).toBe('none');
    expect(problemOf(batchOf([resultAt(41), resultAt(43)]))).toBe(
      "results: results.1.seq: expected 42: a batch's sequence numbers are contiguous",
    );
  });

  it.each([
    ['repeats a number', [5, 6, 6], 'results.2.seq'],
    ['runs backwards', [5, 4], 'results.1.seq'],
    ['skips one', [5, 6, 7, 9, 10], 'results.3.seq'],
  ])('is refused where it %s', (_, numbers, place) => {
    expect(problemOf(batchOf(numbers.map((seq) => resultAt(seq))))).toContain(place);
  });

  it('may have jumps in its frame numbers: those frames were dropped', () => {
    expect(problemOf(batchOf([resultAt(1, { frame: 1 }), resultAt(2, { frame: 9 })]))).toBe('none');
  });

  it('names for each result one of its variants', () => {
    const variants = ['a'.repeat(64), 'b'.repeat(64)];
    expect(problemOf(batchOf([resultAt(1), resultAt(2, { variant: 1 })], variants))).toBe('none');
    expect(problemOf(batchOf([resultAt(1), resultAt(2, { variant: 2 })], variants))).toBe(
      'results: results.1.variant: expected an index below 2',
    );
  });

  it('holds at least one result and at most 500', () => {
    const numbered = (count: number) => batchOf(Array.from({ length: count }, (_, index) => resultAt(index + 1)));
    expect(problemOf(numbered(0))).toContain('results: results: Too small');
    expect(problemOf(numbered(maxResultsPerBatch))).toBe('none');
    expect(problemOf(numbered(maxResultsPerBatch + 1))).toContain('results: results: Too big');
  });

  it('fits its topic at its fullest with labels of a usual length', () => {
    const top = Array.from({ length: 10 }, (_, index) => ({
      class: 1000 - index,
      label: 'x'.repeat(60),
      probability: 0.123_456_789_012_345,
    }));
    const fullest = batchOf(
      Array.from({ length: maxResultsPerBatch }, (_, index) => resultAt(1e9 + index, { ms: 12.345_678_901_234, top })),
    );
    expect(encode('results', fullest).byteLength).toBeLessThan(topics.results.maxBytes);
  });
});
