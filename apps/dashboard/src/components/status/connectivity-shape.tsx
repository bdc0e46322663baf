/** @file Connectivity as a circle: filled online, half late, hollow offline, dashed new. Decoration: the word stands beside it. */
import type { Connectivity } from '@/lib/status.ts';

const colours: Record<Connectivity, string> = {
  online: 'var(--ok-mark)',
  late: 'var(--warn-mark)',
  offline: 'var(--bad-mark)',
  new: 'var(--line-3)',
  unknown: 'var(--line-3)',
};

export function ConnectivityShape({ state, size = 10 }: { state: Connectivity; size?: number }) {
  const colour = colours[state];
  return (
    <svg viewBox="0 0 12 12" width={size} height={size} aria-hidden="true" className="square shrink-0">
      <circle
        cx="6"
        cy="6"
        r={state === 'online' ? 5.5 : 4.75}
        fill={state === 'online' ? colour : 'none'}
        stroke={state === 'online' ? 'none' : colour}
        strokeWidth="1.75"
        strokeDasharray={state === 'new' || state === 'unknown' ? '2 1.9' : undefined}
      />
      {state === 'late' && <path d="M6 1.25a4.75 4.75 0 0 1 0 9.5Z" fill={colour} />}
    </svg>
  );
}
