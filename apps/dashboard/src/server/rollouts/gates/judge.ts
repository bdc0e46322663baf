/**
 * @file The gate: telemetry against limits. Clear of a limit passes, across it is inconclusive, wholly beyond it fails. Pure.
 *
 * Too few frames, too few blocks, silence, or a board at another setting is inconclusive, never a pass. How the intervals come about:
 * effect.ts (latency, frame rate, confidence), proportions.ts (errors, agreement), class-mix.ts; why looking often does no harm: looks.ts;
 * what it finds in simulated fleets: docs/adr.
 */
import { classMixShift } from './class-mix.ts';
import { type Cohort, cohortsOf } from './cohort.ts';
import {
  agreement,
  confidence,
  difference,
  errorRate,
  type Finding,
  framesOf,
  type Lack,
  logP95,
  logRate,
  p95Level,
  ratio,
} from './findings.ts';
import type { Against, GateInput, Gates, Metric, Outcome, ShadowReport, Verdict } from './input.ts';
import { tailOfOneLook } from './looks.ts';
import { type Limit, lacks, noControl, sentence, someSilent } from './words.ts';

type Check = {
  metric: Metric;
  against: Against;
  limit: Limit;
  find: (cohort: Cohort, tail: number, shadows: readonly ShadowReport[]) => Finding | Lack;
};

/** More than this share of the devices silent, and nothing is said of the others. One of five may be broken for reasons of its own. */
const mostSilent = 0.2;
/** Of the devices' time at another setting. */
const mostSetAside = 0.5;

/** @returns one for each limit and hardware class of which a device was switched, classes in alphabetical order. */
export function judge(input: GateInput): Verdict[] {
  const tail = tailOfOneLook(input.gates.window);
  const checks = checksOf(input.gates);
  return cohortsOf(input).flatMap((cohort) => {
    const shadows = input.shadows.filter(({ hardwareClass }) => hardwareClass === cohort.hardwareClass);
    return checks.map((check) =>
      toVerdict(check, cohort, input.gates, (check.metric !== 'agreement' && lackOf(cohort, input)) || check.find(cohort, tail, shadows)),
    );
  });
}

/** Fail if any fails; else pass if there are some and all pass. */
export function summarise(verdicts: readonly Verdict[]): Outcome {
  if (verdicts.some(({ verdict }) => verdict === 'fail')) return 'fail';
  return verdicts.length > 0 && verdicts.every(({ verdict }) => verdict === 'pass') ? 'pass' : 'inconclusive';
}

function checksOf(gates: Gates): Check[] {
  const { latencyP95, frameRate, errorRate: errors, agreement: agrees, confidenceShift, classMixShift: mix } = gates;
  const checks: (Check | undefined)[] = [
    check('latencyP95', 'limit', 'atMost', latencyP95.maxMs, p95Level),
    check('latencyP95', 'baseline', 'atMost', less1(latencyP95.maxRatioToBaseline), (cohort, tail) =>
      ratio(cohort, logP95, 'baseline', tail),
    ),
    check('latencyP95', 'control', 'atMost', less1(latencyP95.maxRatioToControl), (cohort, tail) => ratio(cohort, logP95, 'control', tail)),
    check('frameRate', 'baseline', 'atLeast', less1(frameRate.minRatioToBaseline), (cohort, tail) =>
      ratio(cohort, logRate, 'baseline', tail),
    ),
    check('frameRate', 'control', 'atLeast', less1(frameRate.minRatioToControl), (cohort, tail) => ratio(cohort, logRate, 'control', tail)),
    check('errorRate', 'limit', 'atMost', errors.max, errorRate),
    check('agreement', 'limit', 'atLeast', agrees.min, (_, __, shadows) => agreement(shadows)),
    check('confidenceShift', 'control', 'within', confidenceShift.max, (cohort, tail) => difference(cohort, confidence, 'control', tail)),
    check('classMixShift', 'control', 'atMost', mix.max, (cohort, tail) => classMixShift(cohort, 'control', tail)),
  ];
  return checks.filter((each) => each !== undefined);
}

function check(
  metric: Metric,
  against: Against,
  kind: Limit['kind'],
  threshold: number | undefined,
  find: Check['find'],
): Check | undefined {
  return threshold === undefined ? undefined : { metric, against, limit: { kind, threshold }, find };
}

/** 1.15 → 0.15. */
function less1(value: number | undefined): number | undefined {
  return value === undefined ? undefined : value - 1;
}

/** Why nothing of this class's telemetry is judged. */
function lackOf(cohort: Cohort, { treated, gates }: GateInput): Lack | undefined {
  const all = treated.filter(({ hardwareClass }) => hardwareClass === cohort.hardwareClass).length;
  const frames = framesOf(cohort);
  if (cohort.silent.length > mostSilent * all) return { lack: lacks.silence(cohort.silent.length, all) };
  if (cohort.setAside > mostSetAside) return { lack: lacks.setting(cohort.setAside) };
  if (frames < gates.minFrames) return { lack: lacks.frames(frames, gates.minFrames) };
  return undefined;
}

function toVerdict({ metric, against, limit }: Check, cohort: Cohort, gates: Gates, found: Finding | Lack): Verdict {
  const { hardwareClass, from, to } = cohort;
  const head = { metric, against, hardwareClass, from, to, threshold: limit.threshold };
  if ('lack' in found) {
    const nothing = { baseline: null, value: null, change: null, low: null, high: null };
    return {
      ...head,
      ...nothing,
      n: framesOf(cohort),
      devices: cohort.treated.length,
      controls: 0,
      verdict: 'inconclusive',
      reason: found.lack,
    };
  }
  const verdict = compareWith(found, limit);
  const said = sentence({ metric, against, hardwareClass, limit, low: found.low, high: found.high, verdict });
  const alone = against === 'control' && found.controls === 0 ? noControl(Math.round(gates.baseline / 60_000)) : '';
  const silent = cohort.silent.length > 0 ? someSilent(cohort.silent.length, cohort.silent.length + cohort.treated.length) : '';
  return { ...head, ...found, verdict, reason: `${said}${alone}${silent}` };
}

function compareWith({ low, high }: Finding, { kind, threshold }: Limit): Outcome {
  if (kind === 'atMost') return high <= threshold ? 'pass' : low > threshold ? 'fail' : 'inconclusive';
  if (kind === 'atLeast') return low >= threshold ? 'pass' : high < threshold ? 'fail' : 'inconclusive';
  if (low >= -threshold && high <= threshold) return 'pass';
  return low > threshold || high < -threshold ? 'fail' : 'inconclusive';
}
