/** @file A moment by the viewer's clock: 14:32:07 today or within half a day, 21 Nov before; the full date and zone on hover. */
'use client';
import { clockSuffices, formatTime } from '@/lib/time-zone.ts';
import { useClock } from './clock-provider.tsx';

type Props = {
  at: number;
  className?: string;
  /** Seconds are always shown, the day where they alone would not tell. */
  exact?: boolean;
};

export function ClockAt({ at, className, exact = false }: Props) {
  const { now, zone } = useClock();
  const near = clockSuffices(at, now, zone);
  const clock = formatTime(at, zone, 'clock');
  const text = near ? clock : exact ? `${formatTime(at, zone, 'day')} ${clock}` : formatTime(at, zone, 'day');
  return (
    <time dateTime={new Date(at).toISOString()} title={formatTime(at, zone, 'full')} className={className}>
      {text}
    </time>
  );
}
