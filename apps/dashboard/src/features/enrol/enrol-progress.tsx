/** @file A token on its way: what to type on the board, and what has come of it. */
'use client';
import { Check } from 'lucide-react';
import { useSyncExternalStore } from 'react';
import { Link } from '@/components/link.tsx';
import { useClock } from '@/components/live/clock-provider.tsx';
import { currentTime, subscribeClock } from '@/components/live/clock-store.ts';
import { ConnectivityShape } from '@/components/status/connectivity-shape.tsx';
import { SeverityShape } from '@/components/status/severity-shape.tsx';
import { CommandLine } from '@/components/ui/command-line.tsx';
import { type EnrolmentFacts, enrolmentState } from '@/lib/enrolment-facts.ts';
import { formatAge } from '@/lib/format.ts';

export function EnrolProgress({ command, enrolment }: { command: string; enrolment: EnrolmentFacts }) {
  const { now } = useClock();
  const time = useSyncExternalStore(subscribeClock, currentTime, () => now);
  const state = enrolmentState(enrolment, time);
  return (
    <>
      <p className="font-medium">On the board</p>
      <CommandLine command={command} />
      {state === 'waiting' && (
        <p className="text-ink-2">The token is not shown again. It works once, for another {formatAge(enrolment.expiresAt - time)}.</p>
      )}
      <output className="flex items-center gap-2 border-line border-t pt-3">
        <Progress enrolment={enrolment} state={state} />
      </output>
    </>
  );
}

function Progress({ enrolment: { name, deviceId }, state }: { enrolment: EnrolmentFacts; state: ReturnType<typeof enrolmentState> }) {
  const device = deviceId ?? name;
  switch (state) {
    case 'waiting':
      return (
        <>
          <ConnectivityShape state="new" />
          Waiting for {device ?? 'the board'} to show its token
        </>
      );
    case 'expired':
      return (
        <>
          <SeverityShape severity="warning" size={14} />
          The time of this token is over, and no board has shown it. Make another one.
        </>
      );
    case 'enrolled':
      return (
        <>
          <ConnectivityShape state="new" />
          <span>
            <span className="font-medium">{device}</span> is enrolled. Waiting for its first heartbeat
          </span>
        </>
      );
    case 'heard':
      return (
        <>
          <Check size={16} strokeWidth={2} aria-hidden="true" className="text-ok-mark" />
          <span>
            <Link
              href={`/devices/${encodeURIComponent(device ?? '')}`}
              className="font-medium text-accent underline-offset-2 hover:underline"
            >
              {device}
            </Link>{' '}
            is here
          </span>
        </>
      );
  }
}
