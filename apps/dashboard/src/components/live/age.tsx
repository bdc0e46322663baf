/** @file How long ago something was: ticks by itself, says the exact time on hover. */
'use client';
import { useSyncExternalStore } from 'react';
import { formatAge } from '@/lib/format.ts';
import { formatTime } from '@/lib/time-zone.ts';
import { useClock } from './clock-provider.tsx';
import { currentTime, subscribeClock } from './clock-store.ts';

/** @param at milliseconds since 1970. */
export function Age({ at, className, suffix = '' }: { at: number; className?: string; suffix?: string }) {
  const { now, zone } = useClock();
  // Both snapshots are text: a row whose age still reads the same is not drawn again.
  const text = useSyncExternalStore(
    subscribeClock,
    () => formatAge(currentTime() - at),
    () => formatAge(now - at),
  );
  return (
    <time dateTime={new Date(at).toISOString()} title={formatTime(at, zone, 'full')} className={className}>
      {text}
      {suffix}
    </time>
  );
}

/** The clock of the top bar. */
export function ClockNow({ className }: { className?: string }) {
  const { now, zone } = useClock();
  const text = useSyncExternalStore(
    subscribeClock,
    () => formatTime(currentTime(), zone, 'clock'),
    () => formatTime(now, zone, 'clock'),
  );
  return (
    <span className={className} title={`Times are shown in ${zone}`}>
      {text}
    </span>
  );
}
