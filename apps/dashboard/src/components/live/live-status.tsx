/** @file The dot in the top bar: Live, Reconnecting, Paused, or how stale the page is. */
'use client';
import { useSyncExternalStore } from 'react';
import { formatAge } from '@/lib/format.ts';
import { thresholds } from '@/lib/thresholds.ts';
import { currentTime, subscribeClock } from './clock-store.ts';
import { useLive } from './live-provider.tsx';

const colours = { live: 'var(--ok-mark)', reconnecting: 'var(--warn-mark)', stale: 'var(--bad-mark)', resting: 'var(--line-3)' };

export function LiveStatus() {
  const { state, contactAt } = useLive();
  const silence = useSyncExternalStore(
    subscribeClock,
    () => (contactAt === null || state === 'live' ? 0 : currentTime() - contactAt),
    () => 0,
  );
  const { word, colour } = describe(state, silence);
  return (
    <output className="inline-flex items-center gap-2 whitespace-nowrap" aria-live="polite">
      <svg viewBox="0 0 10 10" width="8" height="8" aria-hidden="true">
        <circle
          cx="5"
          cy="5"
          r={state === 'live' ? 5 : 4}
          fill={state === 'live' ? colour : 'none'}
          stroke={colour}
          strokeWidth={state === 'live' ? 0 : 2}
        />
      </svg>
      <span className="font-medium">{word}</span>
    </output>
  );
}

function describe(state: ReturnType<typeof useLive>['state'], silence: number) {
  if (state === 'live') return { word: 'Live', colour: colours.live };
  if (state === 'paused') return { word: 'Paused', colour: colours.resting };
  if (silence > thresholds.pageStaleMs) return { word: `Stale ${formatAge(silence)}`, colour: colours.stale };
  return state === 'connecting' ? { word: 'Connecting', colour: colours.resting } : { word: 'Reconnecting', colour: colours.reconnecting };
}
