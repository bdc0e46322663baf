/** @file Which words an operator can say to a rollout as it stands, and what each will do. Pure; the protocol's table is the measure. */
import { type RolloutEventType, type RolloutState, rolloutTransitions } from '@alpharho/protocol';
import { plural } from '@/lib/format.ts';
import { goesBack } from '@/lib/rollout-words.ts';
import type { RolloutPreview } from '@/server/rollouts/store/preview.ts';
import type { RolloutDetail } from '@/server/rollouts/store/read.ts';

export type SteeringType = 'start' | 'pause' | 'resume' | 'approve' | 'skip' | 'abort' | 'roll_back' | 'retry';

/** What a button says, and what its question says before it is done. */
export type SteeringOffer = {
  type: SteeringType;
  label: string;
  /** For a phone's bar. */
  short: string;
  look: 'primary' | 'plain' | 'bad' | 'quiet';
  /** The phase that the operator sees. */
  phase: number;
  /** Null: done at once, for it harms nothing. */
  question: { title: string; consequence: string; devices: number } | null;
};

/**
 * Every action that would change something now, the most likely one first.
 * @param preview of a draft: what its start would do
 */
export function offersOf(rollout: RolloutDetail, preview: RolloutPreview | null = null): SteeringOffer[] {
  const { state, phase } = rollout;
  const table: Partial<Record<RolloutEventType, unknown>> = rolloutTransitions[state];
  return makers.flatMap(({ type, make }) => {
    const offer = Object.hasOwn(table, type) ? make(rollout, preview) : null;
    return offer === null ? [] : { type, phase, ...offer };
  });
}

type Offer = Omit<SteeringOffer, 'type' | 'phase'>;

const makers: { type: SteeringType; make: (rollout: RolloutDetail, preview: RolloutPreview | null) => Offer | null }[] = [
  { type: 'start', make: start },
  { type: 'resume', make: resume },
  { type: 'approve', make: approve },
  { type: 'pause', make: () => ({ label: 'Pause', short: 'Pause', look: 'plain', question: null }) },
  { type: 'skip', make: advanceAnyway },
  { type: 'retry', make: retry },
  { type: 'abort', make: abort },
  { type: 'roll_back', make: rollBack },
];

function start({ state }: RolloutDetail, preview: RolloutPreview | null): Offer | null {
  if (state === 'scheduled') return { label: 'Start now', short: 'Start', look: 'primary', question: null };
  const devices = preview?.counts.ready ?? 0;
  if (devices === 0) return null;
  const question = { title: 'Start the rollout', consequence: `${plural(devices, 'device')} will change, in stages.`, devices };
  return { label: startLabel(preview), short: 'Start', look: 'primary', question };
}

/** Starting is small, and says so: "Start with 1 device, quay-06". */
export function startLabel(preview: RolloutPreview | null): string {
  const first = preview?.devices.filter(({ phase }) => phase === 0) ?? [];
  const name = first.length === 1 ? `, ${first[0]?.id}` : '';
  return `Start with ${plural(first.length, 'device')}${name}`;
}

function resume({ pausedFrom }: RolloutDetail): Offer {
  const label = pausedFrom === 'rolling_back' ? 'Go on rolling back' : 'Resume';
  return { label, short: 'Resume', look: 'primary', question: null };
}

function approve(rollout: RolloutDetail): Offer {
  const next = nextSize(rollout);
  return {
    label: `Approve, ${plural(next, 'more device')}`,
    short: 'Approve',
    look: 'primary',
    question: { title: `Approve stage ${rollout.phase + 2}`, consequence: `${plural(next, 'more device')} will be told.`, devices: next },
  };
}

const skippable: readonly RolloutState[] = ['soaking', 'evaluating', 'awaiting_approval'];

function advanceAnyway(rollout: RolloutDetail): Offer | null {
  const { state, pausedFrom, phase, phases } = rollout;
  // Approval is the same word there, and paused in the middle of a stage there is nothing to skip.
  if (state === 'awaiting_approval' || (state === 'paused' && (pausedFrom === null || !skippable.includes(pausedFrom)))) return null;
  const next = nextSize(rollout);
  const last = phase >= phases - 1;
  const consequence = last ? 'The rollout is done then, and nothing watches it further.' : `${plural(next, 'more device')} will be told.`;
  return {
    label: last ? 'Finish anyway' : 'Advance anyway',
    short: last ? 'Finish' : 'Advance',
    look: 'plain',
    question: {
      title: last ? 'Finish without the gates' : `Advance to stage ${phase + 2} without the gates`,
      consequence: `Soak time and gates of stage ${phase + 1} are passed over. ${consequence}`,
      devices: last ? 0 : next,
    },
  };
}

function retry(rollout: RolloutDetail): Offer | null {
  const { counts, state, pausedFrom } = rollout;
  const back = goesBack(state, pausedFrom);
  const count = back ? counts.return_failed : counts.failed + counts.rolled_back + counts.timed_out;
  if (count === 0) return null;
  return {
    label: `Retry ${plural(count, 'failed device')}`,
    short: `Retry ${count}`,
    look: 'plain',
    question: {
      title: `Retry ${plural(count, 'failed device')}`,
      consequence: back
        ? 'They are told once more to go back.'
        : 'They wait for their turn again. A variant that was quarantined there is tried once more.',
      devices: 0,
    },
  };
}

function abort({ counts, state }: RolloutDetail): Offer {
  const moving = counts.told + counts.moving;
  const stays =
    counts.committed === 0
      ? ''
      : ` ${plural(counts.committed, 'device')} that committed it ${counts.committed === 1 ? 'keeps' : 'keep'} it.`;
  const goes =
    moving === 0
      ? 'No further device is told.'
      : `${plural(moving, 'device')} on the way ${moving === 1 ? 'goes' : 'go'} back; no further one is told.`;
  const returning = state === 'rolling_back';
  return {
    label: returning ? 'Stop, keep the rest' : 'Abort',
    short: returning ? 'Stop' : 'Abort',
    look: 'plain',
    question: {
      title: returning ? 'Stop rolling back' : 'Abort the rollout',
      consequence: returning ? `No further device goes back.${stays}` : `${goes}${stays}`,
      devices: 0,
    },
  };
}

function rollBack({ counts }: RolloutDetail): Offer | null {
  const count = counts.committed + counts.told + counts.moving + counts.timed_out;
  if (count === 0) return null;
  return {
    label: `Roll back ${plural(count, 'device')}`,
    short: `Roll back ${count}`,
    look: 'bad',
    question: {
      title: `Roll back ${plural(count, 'device')}`,
      consequence: 'Each returns to its own previous variant. No further device is told.',
      devices: count,
    },
  };
}

/** Devices of the next stage. */
function nextSize({ phase, devices }: RolloutDetail): number {
  return devices.filter((device) => device.phase === phase + 1 && device.state === 'waiting').length;
}
