import { describe, expect, it } from 'vitest';
import { after, type Board, controls, gateInput, hour, minute, noGates, now, pi4, pi5 } from './fixture.ts';
import type { GateInput, Gates, Outcome } from './input.ts';
import { judge, summarise } from './judge.ts';

const toControl: Partial<Gates> = { latencyP95: { maxRatioToControl: 1.15 } };
const toBaseline: Partial<Gates> = { latencyP95: { maxRatioToBaseline: 1.15 } };
const atMost50: Partial<Gates> = { latencyP95: { maxMs: 50 } };
const frames: Partial<Gates> = { frameRate: { minRatioToControl: 0.9 } };
const errors: Partial<Gates> = { errorRate: { max: 0.02 } };
const agrees: Partial<Gates> = { agreement: { min: 0.88 } };
const confidence: Partial<Gates> = { confidenceShift: { max: 0.05 } };
const mix: Partial<Gates> = { classMixShift: { max: 0.08 } };

/** Told, switched twenty minutes ago, and so much slower since. */
const canary = (factor: number, more: Partial<Board> = {}): Board => ({ name: 'canary', at: after({ p95: 40 * factor }), ...more });
const several = (factor: number, count = 4): Board[] =>
  Array.from({ length: count }, (_, index) => canary(factor, { name: `new-${index}` }));
const report = (agreement: number | null, shadowed = 600, device = 'canary') => ({
  device,
  hardwareClass: pi4,
  at: now - 25 * minute,
  frames: shadowed,
  agreement,
});
/** Every board of the place is slowed down in the afternoon: by a fifth over the two hours. */
const afternoon = (factor: number) => (minutes: number) => ({
  p95: 40 * (1 + 0.2 * ((minutes + 120) / 140)) * (minutes >= 0 ? factor : 1),
});

type Row = [name: string, boards: Board[], gates: Partial<Gates>, expected: Outcome, reason: RegExp, shadows?: GateInput['shadows']];
const rows: Row[] = [
  [
    'one canary as fast as before',
    [canary(1), ...controls(6)],
    toControl,
    'pass',
    /^Raspberry Pi 4 is at most [\d.]+ % slower; the limit is 15.0 % slower\.$/,
  ],
  ['one canary 30 % slower', [canary(1.3), ...controls(6)], toControl, 'fail', /is at least 2\d\.\d % slower/],
  ['one canary at the limit', [canary(1.15), ...controls(6)], toControl, 'inconclusive', /may be up to 1[5-9]\.\d % slower/],
  ['one canary a tenth faster', [canary(0.85), ...controls(6)], toControl, 'pass', /is at least 1\d\.\d % faster/],
  ['several as fast as before', [...several(1), ...controls(6)], toControl, 'pass', /at most/],
  ['several 30 % slower', [...several(1.3), ...controls(6)], toControl, 'fail', /at least/],
  [
    'one of three far slower: their mean is within the limit, but they do not agree',
    [canary(1.4, { name: 'a' }), canary(1, { name: 'b' }), canary(1, { name: 'c' }), ...controls(6)],
    toControl,
    'inconclusive',
    /may be up to/,
  ],
  [
    'no control left, as fast as its own hours before',
    [canary(1)],
    toControl,
    'pass',
    /No control left: compared with its own 120 m before\.$/,
  ],
  ['no control left, 30 % slower', [canary(1.3)], toControl, 'fail', /No control left/],
  ['controls of another class are none', [canary(1), ...controls(6, undefined, pi5)], toControl, 'pass', /No control left/],
  [
    'an afternoon that slows everybody down is no regression',
    [canary(1, { at: afternoon(1) }), ...controls(6, (minutes) => afternoon(1)(minutes))],
    toControl,
    'pass',
    /at most/,
  ],
  [
    'an afternoon does not hide a regression',
    [canary(1.3, { at: afternoon(1.3) }), ...controls(6, (minutes) => afternoon(1)(minutes))],
    toControl,
    'fail',
    /at least/,
  ],
  ['against its own hours, as fast', [canary(1), ...controls(6)], toBaseline, 'pass', /at most/],
  ['against its own hours, 30 % slower', [canary(1.3)], toBaseline, 'fail', /at least/],
  ['half an hour of life before is enough', [canary(1, { hoursBefore: 0.5 }), ...controls(6)], toControl, 'pass', /at most/],
  [
    'five minutes of life before are not',
    [canary(1.3, { hoursBefore: 5 / 60 }), ...controls(6)],
    toControl,
    'inconclusive',
    /^\d of 10 blocks of 1 m before the switch\.$/,
  ],
  [
    'switched a moment ago',
    [canary(1.3, { switched: 3 }), ...controls(6)],
    toControl,
    'inconclusive',
    /^[\d,]+ of 600 frames\.$|blocks of 1 m since the switch/,
  ],
  [
    'too few frames',
    [canary(1.3, { at: after({ p95: 52, frames: 30 }) }), ...controls(6)],
    toControl,
    'inconclusive',
    /^450 of 600 frames\.$/,
  ],
  [
    'silent since the switch',
    [canary(1, { at: after({ gap: true }) }), ...controls(6)],
    toControl,
    'inconclusive',
    /^1 of 1 device sends no frames\.$/,
  ],
  [
    'windows without a frame are silence too',
    [canary(1, { at: after({ frames: 0 }) }), ...controls(6)],
    toControl,
    'inconclusive',
    /sends no frames/,
  ],
  [
    'one of ten silent does not hold up the others',
    [...several(1, 9), canary(1, { name: 'gone', at: after({ gap: true }) }), ...controls(6)],
    toControl,
    'pass',
    /1 of 10 devices is silent\.$/,
  ],
  [
    'three of ten silent do',
    [...several(1, 7), ...['x', 'y', 'z'].map((name) => canary(1, { name, at: after({ gap: true }) })), ...controls(6)],
    toControl,
    'inconclusive',
    /^3 of 10 devices send no frames\.$/,
  ],
  [
    'throttled since the switch',
    [canary(1.5, { at: after({ p95: 60, throttled: true }) }), ...controls(6)],
    toControl,
    'inconclusive',
    /^Throttled.*100\.0 % of the window: not comparable\.$/,
  ],
  [
    'throttled for a quarter of the time: the rest counts',
    [canary(1, { at: (m) => ({ p95: m >= 0 && m % 4 === 0 ? 80 : 40, throttled: m >= 0 && m % 4 === 0 }) }), ...controls(6)],
    toControl,
    'pass',
    /at most/,
  ],
  [
    'stepped down to another ρ most of the time: faster, and no comparison',
    [canary(1, { at: (m) => (m >= 0 ? (m < 8 ? { rho: 192, p95: 52 } : { rho: 128, p95: 20 }) : { rho: 224 }) }), ...controls(6)],
    toControl,
    'inconclusive',
    /stepped down by the governor/,
  ],
  [
    'stepped down to fewer frames a second than before',
    [canary(1, { at: after({ rate: 2 }, { rate: null }) }), ...controls(6)],
    toControl,
    'inconclusive',
    /not comparable/,
  ],
  [
    'fewer frames a second by the governor before as after',
    [canary(1, { at: () => ({ rate: 2 }) }), ...controls(6)],
    toControl,
    'pass',
    /at most/,
  ],
  [
    'windows of the future are of a wrong clock',
    [canary(1, { at: after({ skew: 3 * hour }) }), ...controls(6)],
    toControl,
    'inconclusive',
    /sends no frames/,
  ],
  [
    'a clock that is half a minute off is good enough',
    [canary(1.3, { at: after({ p95: 52, skew: 30_000 }, { skew: 30_000 }) }), ...controls(6)],
    toControl,
    'fail',
    /at least/,
  ],
  ['noise as large as the limit tells nothing', [canary(1, { noise: 0.5 }), ...controls(6)], toControl, 'inconclusive', /may be up to/],
  [
    'below an absolute limit',
    [canary(1), ...controls(2)],
    atMost50,
    'pass',
    /^p95 on Raspberry Pi 4 is at most 4\d\.\d ms; the limit is 50\.0 ms\.$/,
  ],
  ['above an absolute limit', [canary(1.5), ...controls(2)], atMost50, 'fail', /at least 5\d\.\d ms/],
  ['at an absolute limit', [canary(1.25), ...controls(2)], atMost50, 'inconclusive', /between/],
  [
    'as many frames a second',
    [canary(1), ...controls(6)],
    frames,
    'pass',
    /^Raspberry Pi 4 gives at most .* fewer frames; the limit is 10\.0 % fewer\.$/,
  ],
  [
    'a third fewer frames a second',
    [canary(1, { at: after({ frames: 200 }) }), ...controls(6)],
    frames,
    'fail',
    /gives at least 3\d\.\d % fewer frames/,
  ],
  [
    'a third fewer everywhere: the cameras',
    [canary(1, { at: after({ frames: 200 }) }), ...controls(6, after({ frames: 200 }))],
    frames,
    'pass',
    /at most/,
  ],
  [
    'no errors',
    [canary(1), ...controls(2)],
    errors,
    'pass',
    /^Raspberry Pi 4 fails on at most 0\.\d\d % of frames; the limit is 2\.00 %\.$/,
  ],
  ['an error in ten', [canary(1, { at: after({ failed: 30, frames: 270 }) }), ...controls(2)], errors, 'fail', /at least/],
  ['an error in fifty', [canary(1, { at: after({ failed: 6, frames: 294 }) }), ...controls(2)], errors, 'inconclusive', /between/],
  [
    'agents that do not count errors',
    [canary(1, { at: after({ failed: null }) }), ...controls(2)],
    errors,
    'inconclusive',
    /do not say how many frames failed/,
  ],
  [
    'agrees in shadow',
    [...several(1), ...controls(2)],
    agrees,
    'pass',
    /agree on at least/,
    ['new-0', 'new-1', 'new-2', 'new-3'].map((name, i) => report(0.95 + i / 500, 600, name)),
  ],
  ['disagrees in shadow', [canary(1), ...controls(2)], agrees, 'fail', /agree on at most 6\d\.\d %/, [report(0.5)]],
  ['agrees on about as much as it must', [canary(1), ...controls(2)], agrees, 'inconclusive', /between/, [report(0.88)]],
  ['not shadowed', [canary(1), ...controls(2)], agrees, 'inconclusive', /^0 of 100 frames in shadow\.$/],
  ['shadowed on a device that served nothing before', [canary(1), ...controls(2)], agrees, 'inconclusive', /in shadow/, [report(null)]],
  [
    'as confident',
    [canary(1), ...controls(6)],
    confidence,
    'pass',
    /^Mean confidence on Raspberry Pi 4 moves by .* to .*; the limit is ±0\.050\.$/,
  ],
  ['less confident', [canary(1, { at: after({ confidence: 0.6 }) }), ...controls(6)], confidence, 'fail', /−0\.1/],
  ['more confident is a shift too', [canary(1, { at: after({ confidence: 0.8 }) }), ...controls(6)], confidence, 'fail', /\+0\.1/],
  [
    'less confident everywhere: dusk',
    [canary(1, { at: after({ confidence: 0.6 }) }), ...controls(6, after({ confidence: 0.6 }))],
    confidence,
    'pass',
    /moves by/,
  ],
  [
    'the same mix of classes',
    [canary(1), ...controls(6)],
    mix,
    'pass',
    /^The mix of classes on Raspberry Pi 4 moves by at most 0\.0\d\d; the limit is 0\.080\.$/,
  ],
  [
    'a quarter of the frames in another class',
    [canary(1, { at: after({ mix: [0.25, 0.3, 0.45] }) }), ...controls(6)],
    mix,
    'fail',
    /at least 0\.2/,
  ],
  [
    'another mix everywhere: another scene',
    [canary(1, { at: after({ mix: [0.25, 0.3, 0.45] }) }), ...controls(6, after({ mix: [0.25, 0.3, 0.45] }))],
    mix,
    'pass',
    /at most/,
  ],
  [
    'agents that do not tell their answers',
    [canary(1, { at: () => ({ answers: null }) }), ...controls(6)],
    mix,
    'inconclusive',
    /do not say what they answered/,
  ],
];

describe('one limit, one class', () => {
  it.each(rows)('%s', (_, boards, gates, expected, reason, shadows) => {
    const [verdict, ...others] = judge(gateInput(boards, gates, shadows));
    expect(others).toEqual([]);
    expect([verdict?.verdict, verdict?.reason.replaceAll('\u00A0', ' ')]).toEqual([expected, expect.stringMatching(reason)]);
  });
});

describe('a verdict', () => {
  it('carries what led to it', () => {
    const [verdict] = judge(gateInput([canary(1.3), ...controls(6)], toControl));
    expect(verdict).toMatchObject({
      metric: 'latencyP95',
      against: 'control',
      hardwareClass: pi4,
      to: now,
      from: now - 15 * minute,
      devices: 1,
      controls: 6,
      threshold: 1.15 - 1,
    });
    expect(verdict?.n).toBe(15 * 300);
    expect(verdict?.baseline).toBeCloseTo(40, 0);
    expect(verdict?.value).toBeCloseTo(52, 0);
    expect(verdict?.change).toBeCloseTo(0.3, 1);
    expect(verdict?.low).toBeLessThan(verdict?.change ?? 0);
    expect(verdict?.high).toBeGreaterThan(verdict?.change ?? 0);
  });

  it('is given for every limit and every class that was switched, and no other', () => {
    const both = [
      canary(1),
      canary(1.3, { name: 'five', hardwareClass: pi5 }),
      ...controls(6),
      ...controls(6, undefined, pi5),
      ...controls(3, undefined, 'Jetson Nano'),
    ];
    const verdicts = judge(gateInput(both, { ...toControl, ...errors }));
    expect(verdicts.map(({ hardwareClass, metric, verdict }) => [hardwareClass, metric, verdict])).toEqual([
      [pi4, 'latencyP95', 'pass'],
      [pi4, 'errorRate', 'pass'],
      [pi5, 'latencyP95', 'fail'],
      [pi5, 'errorRate', 'pass'],
    ]);
    expect(summarise(verdicts)).toBe('fail');
  });

  it('of nothing is inconclusive', () => {
    const nobody = judge({ now, treated: [], control: [], windows: [], shadows: [], gates: { ...noGates, ...toControl } });
    expect(nobody).toEqual([]);
    expect(summarise(nobody)).toBe('inconclusive');
  });

  it('is inconclusive as a whole where one part is', () => {
    const verdicts = judge(gateInput([canary(1), ...controls(6)], { ...toControl, ...agrees }));
    expect(verdicts.map(({ verdict }) => verdict)).toEqual(['pass', 'inconclusive']);
    expect(summarise(verdicts)).toBe('inconclusive');
  });

  it('does not depend on the order of windows and devices', () => {
    const input = gateInput([...several(1.1), ...controls(6)], { ...toControl, ...mix, ...errors });
    const turned = {
      ...input,
      treated: input.treated.toReversed(),
      control: input.control.toReversed(),
      windows: input.windows.toReversed(),
    };
    for (const [index, verdict] of judge(turned).entries()) {
      const other = judge(input)[index];
      expect(verdict.verdict).toBe(other?.verdict);
      expect(verdict.high).toBeCloseTo(other?.high ?? 0, 9);
    }
  });
});
