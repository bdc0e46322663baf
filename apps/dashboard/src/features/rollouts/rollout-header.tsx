/** @file From what to what, the state in its word, since when; the actions at the right. */
import type { ReactNode } from 'react';
import { ClockAt } from '@/components/live/clock-at.tsx';
import { plural } from '@/lib/format.ts';
import { figuresOf, rolloutWord } from '@/lib/rollout-words.ts';
import type { VariantFacts } from '@/lib/variant-facts.ts';
import type { RolloutDetail, RolloutEventFacts } from '@/server/rollouts/store/read.ts';
import { RolloutChip } from './rollout-chip.tsx';
import { RolloutPair } from './rollout-pair.tsx';

type Props = { rollout: RolloutDetail; variants: ReadonlyMap<string, VariantFacts>; events: RolloutEventFacts[]; children: ReactNode };

export function RolloutHeader({ rollout, variants, events, children }: Props) {
  const { state, name, counts, startedAt, endedAt, spec } = rollout;
  const back = state === 'rolling_back' || state === 'rolled_back';
  const { word, tone } = rolloutWord(rollout);
  const { total } = figuresOf(counts);
  const { notBefore } = spec.schedule;
  return (
    <div className="flex min-h-[58px] flex-wrap items-center gap-x-4 gap-y-2 border-line border-b px-5 py-2.5 phone:px-4">
      <div className="min-w-0">
        <h1 className="text-object wrap-anywhere">{name}</h1>
        <RolloutPair from={rollout.previousIds} to={rollout.variantIds} variants={variants} back={back} />
      </div>
      <RolloutChip
        word={back && state === 'rolling_back' && isByItself(events) ? 'Rolling back by itself' : word}
        tone={tone}
        back={back}
      />
      <p className="text-ink-3">
        {total > 0 && `${plural(total, 'device')}, `}
        {startedAt !== null ? (
          <>
            started <ClockAt at={startedAt} />
          </>
        ) : state === 'scheduled' && notBefore !== undefined ? (
          <>
            starts <ClockAt at={notBefore} exact />
          </>
        ) : (
          'not started'
        )}
        {endedAt !== null && (
          <>
            , ended <ClockAt at={endedAt} />
          </>
        )}
      </p>
      {children}
    </div>
  );
}

/** The latest way back followed a gate, or devices that failed, rather than an operator's word. */
function isByItself(events: readonly RolloutEventFacts[]): boolean {
  const turn = events.find(({ kind }) => kind === 'rolling_back');
  return turn !== undefined && events.some(({ kind, at }) => at === turn.at && (kind === 'gate_failed' || kind === 'failures_exceeded'));
}
