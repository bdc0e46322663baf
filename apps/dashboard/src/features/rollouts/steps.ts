/** @file Where the rollout stands on its way, and what pass, inconclusive and fail will do. Pure. */
import type { RolloutSpec } from '@alpharho/protocol';
import { formatAge, plural } from '@/lib/format.ts';
import { goesBack, stageName } from '@/lib/rollout-words.ts';
import type { RolloutDetail } from '@/server/rollouts/store/read.ts';
import type { GateView } from './gate-model.ts';

export type StepState = 'done' | 'now' | 'next' | 'held';
export type StepPart = { key: string; text: string; state: StepState; until: number | null };
export type Step = { key: string; name: string; devices: number; note: string; state: StepState; parts: StepPart[] };

export function stepsOf(rollout: RolloutDetail): Step[] {
  const { spec, phase, state, pausedFrom, devices } = rollout;
  const last = spec.phases.length - 1;
  const over = state === 'completed';
  const called = goesBack(state, pausedFrom);
  return spec.phases.map((each, index): Step => {
    const own = devices.filter((device) => device.phase === index && device.state !== 'skipped');
    const standing: StepState =
      over || index < phase ? 'done' : index === phase && state !== 'draft' && state !== 'scheduled' ? (called ? 'held' : 'now') : 'next';
    return {
      key: String(index),
      name: `${index + 1} ${stageName(each, index, index === last)}`,
      devices: own.length,
      note: standing === 'next' ? waysOut(each, index === last) : '',
      state: standing,
      parts: standing === 'now' ? partsOf(rollout, index === last) : [],
    };
  });
}

function waysOut({ soak, advance }: RolloutSpec['phases'][number], last: boolean): string {
  const watched = soak === 0 ? 'gates' : `soak ${formatAge(soak)}, gates`;
  return advance === 'approval' && !last ? `${watched}, approval` : watched;
}

/** Set, settled, soak, gate, approval, of the stage under way. */
function partsOf(rollout: RolloutDetail, last: boolean): StepPart[] {
  const { spec, phase, state, pausedFrom, devices, soakUntil } = rollout;
  const at = state === 'paused' ? (pausedFrom ?? 'running') : state;
  const own = devices.filter((device) => device.phase <= phase && device.state !== 'skipped' && device.state !== 'superseded');
  const set = own.filter(({ toldAt }) => toldAt !== null).length;
  const open = own.filter(({ state: each }) => ['waiting', 'told', 'moving'].includes(each)).length;
  const order = ['running', 'soaking', 'evaluating', 'awaiting_approval'];
  const place = order.indexOf(at);
  const stands = (own: number): StepState =>
    place > own ? 'done' : place === own ? (state === 'paused' || own === 2 ? 'held' : 'now') : 'next';
  const soak = spec.phases[phase]?.soak ?? 0;
  const parts: StepPart[] = [
    { key: 'set', text: `Set ${set} of ${own.length}`, state: set === own.length ? 'done' : 'now', until: null },
    { key: 'settled', text: `Settled ${own.length - open} of ${own.length}`, state: stands(0), until: null },
  ];
  if (soak > 0) parts.push({ key: 'soak', text: `Soak ${formatAge(soak)}`, state: stands(1), until: soakUntil });
  parts.push({ key: 'gate', text: place === 2 ? 'Gates hold' : 'Gates', state: stands(2), until: null });
  if (spec.phases[phase]?.advance === 'approval' && !last) parts.push({ key: 'approval', text: 'Approval', state: stands(3), until: null });
  return parts;
}

export type Follow = { verdict: 'pass' | 'inconclusive' | 'fail'; text: string };

/** How often gates that could not tell are judged again. */
const again = '15\u00A0s';

/** Said beforehand: what each verdict will do. @param phase the stage under way, or the first one */
export function followsOf(spec: RolloutSpec, phase: number, next: number | null): Follow[] {
  const last = phase >= spec.phases.length - 1;
  const more = next === null ? 'the next stage begins' : `sets ${plural(next, 'more device')}`;
  const approval = spec.phases[phase]?.advance === 'approval';
  const { failuresAllowed } = spec.gates;
  const fails =
    failuresAllowed === 0
      ? 'a gate, or the variant on one device'
      : `a gate, or the variant on more than ${plural(failuresAllowed, 'device')}`;
  const ends = {
    roll_back: 'every device returns to its own previous variant',
    abort: 'it stops: what is on its way returns, what is committed stays',
    pause: 'it pauses, and nothing further is told',
  };
  return [
    { verdict: 'pass', text: last ? 'the rollout is done' : approval ? `asks for approval, then ${more}` : `${more}` },
    { verdict: 'inconclusive', text: `holds, judged again every ${again}; pauses after ${formatAge(spec.onInconclusive.wait)}` },
    { verdict: 'fail', text: `${fails}: ${ends[spec.onFail]}` },
  ];
}

/** The one sentence of what is going on, where the gates have not spoken. */
export function standing(rollout: RolloutDetail): string {
  const { state, phase, phases, counts, reason, windowChangesAt } = rollout;
  const stage = `stage ${phase + 1} of ${phases}`;
  const moving = counts.told + counts.moving;
  const window = windowChangesAt === null ? '' : ' Devices switch inside of the maintenance windows only.';
  switch (state) {
    case 'draft':
      return 'Written down, not started. No device knows of it.';
    case 'scheduled':
      return 'Starts by itself at its time.';
    case 'running':
      return `${plural(moving, 'device')} of ${stage} on the way.${window}`;
    case 'soaking':
      return `Every device of ${stage} has come to an end; the new variant is watched.`;
    case 'evaluating':
      return `The gates of ${stage} are judged until they can tell.`;
    case 'awaiting_approval':
      return `The gates of ${stage} have passed. The next stage waits for an operator’s word.`;
    case 'paused':
      return `${pauses[reason ?? 'operator']} Nothing further is told; devices on their way hold before they switch.`;
    case 'rolling_back':
      return 'Every device returns to its own previous variant.';
    case 'rolled_back':
      return 'Every device that could be reached has its own previous variant again.';
    case 'aborted':
      return 'What was on its way went back; what was committed stays.';
    case 'completed':
      return 'All stages are done.';
  }
}

const pauses = {
  operator: 'An operator has paused it.',
  gate_failed: 'A gate failed.',
  failures_exceeded: 'More devices failed with the variant than the rollout allows.',
  gate_inconclusive: 'The gates could not tell within their time.',
  deadline: 'The stage did not come to an end within its time.',
  rollback_failed: 'A device could not go back to its previous variant.',
} as const;

/** What the verdict leads to, as it stands now. */
export function consequence(rollout: RolloutDetail, view: GateView): string {
  const { state, phase, phases, spec } = rollout;
  if (state === 'rolling_back' || state === 'rolled_back' || state === 'aborted' || state === 'paused' || state === 'completed')
    return standing(rollout);
  const next = `Stage ${phase + 2}`;
  if (view.outcome === 'pass') {
    if (state === 'awaiting_approval') return `${next} waits for an operator’s word.`;
    return phase >= phases - 1 ? 'The rollout is done when the stage is.' : `${next} follows when this stage is done.`;
  }
  if (view.outcome === 'fail') return `Policy: ${followsOf(spec, phase, null)[2]?.text.split(': ')[1] ?? ''}.`;
  return `${phase >= phases - 1 ? 'The end' : next} waits. Judged again every ${again}.`;
}
