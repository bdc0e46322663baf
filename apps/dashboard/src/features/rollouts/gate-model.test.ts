import { describe, expect, it } from 'vitest';
import type { VerdictFacts } from '@/server/rollouts/store/read.ts';
import { gateView } from './gate-model.ts';

let id = 0;
function verdict(more: Partial<VerdictFacts>): VerdictFacts {
  id += 1;
  return {
    id,
    phase: 0,
    at: 1000,
    metric: 'latencyP95',
    against: 'control',
    hardwareClass: 'Pi 5',
    verdict: 'pass',
    from: 0,
    to: 1000,
    n: 49_400,
    devices: 2,
    controls: 3,
    baseline: 15.1,
    value: 15.7,
    change: 0.04,
    threshold: 0.05,
    low: 0.001,
    high: 0.082,
    message: 'Pi 5 may be up to 8.2 % slower.',
    ...more,
  };
}
const view = (...verdicts: VerdictFacts[]) => gateView(verdicts, (name) => name);

describe('gateView', () => {
  it('says what decides: a fail before what cannot tell, that before a pass', () => {
    const pass = verdict({ metric: 'frameRate' });
    const unsure = verdict({ verdict: 'inconclusive', hardwareClass: 'Pi 4', message: 'unsure' });
    const fail = verdict({ verdict: 'fail', metric: 'errorRate', message: 'fails' });
    expect(view()).toBeNull();
    expect(view(pass)?.outcome).toBe('pass');
    expect(view(pass, unsure)).toMatchObject({ outcome: 'inconclusive', sentence: 'unsure' });
    expect(view(pass, unsure, fail)).toMatchObject({ outcome: 'fail', sentence: 'fails' });
  });

  it('shows the latest of each kind, of the latest stage only', () => {
    const rows = view(verdict({ phase: 1, value: 16 }), verdict({ phase: 1, value: 15 }), verdict({ metric: 'errorRate', phase: 0 }))?.rows;
    expect(rows?.map(({ value }) => value)).toEqual(['16.0']);
  });

  it('writes changes, limits and frames with their signs and units', () => {
    const [row] = view(verdict({ change: -0.106, low: -0.13, high: -0.08 }))?.rows ?? [];
    expect(row).toMatchObject({
      control: '15.1',
      value: '15.7',
      change: '\u221210.6\u00A0%',
      limit: '≤ +5.0\u00A0%',
      frames: '49\u00A0k',
      worse: false,
    });
    const [share] =
      view(verdict({ metric: 'agreement', against: 'limit', value: 0.914, change: 0.914, threshold: 0.88, low: 0.9, high: 0.92 }))?.rows ??
      [];
    expect(share).toMatchObject({ change: '91.4\u00A0%', limit: '≥ 88.0\u00A0%', worse: false });
  });

  it('draws the interval on the side of the limit on which it lies', () => {
    const [across] = view(verdict({ verdict: 'inconclusive' }))?.rows ?? [];
    expect(across?.plot?.low).toBeLessThan(across?.plot?.limit ?? 0);
    expect(across?.plot?.high).toBeGreaterThan(across?.plot?.limit ?? 1);
    const [least] = view(verdict({ metric: 'frameRate', threshold: -0.1, change: -0.002, low: -0.01, high: 0.01 }))?.rows ?? [];
    expect(least?.plot).toMatchObject({ kind: 'atLeast' });
    expect(least?.plot?.low).toBeGreaterThan(least?.plot?.limit ?? 1);
  });

  it('draws nothing where nothing is known, and keeps an endless interval on the track', () => {
    const [unknown, endless] =
      view(verdict({ hardwareClass: 'Pi 4', value: null, change: null, low: null, high: null }), verdict({ low: -1, high: 1e9 }))?.rows ??
      [];
    expect(unknown?.plot).toBeNull();
    expect(endless?.plot?.high).toBe(1);
    expect(endless?.plot?.limit).toBeGreaterThan(0.02);
  });
});
