/** @file The last word: what it is called, the number where it is many, and a button that names the first device. */
'use client';
import type { RolloutSpecInput } from '@alpharho/protocol';
import { useRouter } from 'next/navigation';
import { useState, useTransition } from 'react';
import { ClockAt } from '@/components/live/clock-at.tsx';
import { Button } from '@/components/ui/button.tsx';
import { Failure } from '@/features/assign/change-variant-dialog.tsx';
import { needsTyping } from '@/features/assign/needs-typing.ts';
import { plural } from '@/lib/format.ts';
import { type LaunchOutcome, launch } from '@/server/actions/steer-rollout.ts';
import { TextField } from './fields.tsx';
import { useDraft } from './use-draft.ts';

type Props = { spec: RolloutSpecInput; name: string; devices: number; fleet: number; label: string; startAt: number | null };

const unreachable: LaunchOutcome = {
  ok: false,
  message: 'Not done: the dashboard did not answer. Look at the rollouts before you try again.',
};

export function StartBox({ spec, name, devices, fleet, label, startAt }: Props) {
  const router = useRouter();
  const { change } = useDraft();
  const [typed, setTyped] = useState('');
  const [failure, setFailure] = useState<string | null>(null);
  const [pending, startTransition] = useTransition();
  const typing = needsTyping(devices, fleet);
  const ready = devices > 0 && !pending && (!typing || typed.trim() === String(devices));
  const start = () =>
    startTransition(async () => {
      const outcome = await launch(spec).catch(() => unreachable);
      if (outcome.ok) router.push(`/rollouts/${outcome.id}`);
      else setFailure(outcome.message);
    });
  return (
    <div className="grid gap-3 border-line border-t bg-sunken px-5 py-4 phone:px-4">
      <TextField
        label="Name"
        value={name}
        onWrite={(text) => change({ name: text }, 'rest')}
        placeholder="by its targets"
        maxLength={80}
        className="flex-1"
      />
      <p>
        {devices === 0 && 'No device would change.'}
        {typing && (
          <>
            {devices} of {plural(fleet, 'device')} is {Math.round((100 * devices) / fleet)} % of the fleet. Type {devices} to start.
          </>
        )}
        {startAt !== null && (
          <>
            {' '}
            It starts <ClockAt at={startAt} exact />.
          </>
        )}
      </p>
      <div className="flex flex-wrap gap-2">
        {typing && (
          <input
            aria-label={`Type ${devices} to start`}
            value={typed}
            onChange={(event) => setTyped(event.target.value)}
            inputMode="numeric"
            autoComplete="off"
            className="figures h-[34px] w-20 rounded-control border border-line-2 bg-surface px-2 phone:h-11"
          />
        )}
        <Button tone="primary" disabled={!ready} onClick={start} className="h-[34px] flex-1">
          {startAt === null ? label : `Schedule ${plural(devices, 'device')}`}
        </Button>
      </div>
      <Failure text={failure} />
    </div>
  );
}
