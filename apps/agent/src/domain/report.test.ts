import { decode, encode, initialUpdateState } from '@alpharho/protocol';
import { describe, expect, it } from 'vitest';
import { onWire, variant } from '../../test/support/variants.ts';
import { buildReported, compareReports, type ReportFacts } from './report.ts';

const facts: ReportFacts = {
  session: 'session-1',
  serving: onWire(variant('a')),
  servingSince: 10,
  update: { ...initialUpdateState('a'.repeat(64)), phase: 'downloading', revision: 3, target: 'b'.repeat(64), progress: 40 },
  phaseSince: 20,
  inference: { provider: 'cpu', threads: 2, precision: 'float32', tuned: true, reason: 'cuda: no driver' },
  lastError: { code: 'disk_full', message: 'full', at: 15 },
};

describe('the report', () => {
  it('is what the wire takes', () => {
    const decoded = decode('reported', encode('reported', buildReported(facts, 30)));
    expect(decoded).toMatchObject({
      ok: true,
      value: { phase: 'downloading', progress: 40, revision: 3, lastError: { code: 'disk_full' }, serving: { sha256: 'a'.repeat(64) } },
    });
  });

  it('is worth sending when it says something new', () => {
    const report = buildReported(facts, 30);
    expect(compareReports(undefined, report)).toBe('state');
    expect(compareReports(report, buildReported(facts, 99))).toBe('none');
    expect(compareReports(report, buildReported({ ...facts, update: { ...facts.update, progress: 41 } }, 30))).toBe('progress');
    expect(compareReports(report, buildReported({ ...facts, lastError: undefined }, 30))).toBe('state');
    const { progress: _, ...verifying } = { ...facts.update, phase: 'verifying' as const };
    expect(compareReports(report, buildReported({ ...facts, update: verifying }, 30))).toBe('state');
  });
});
