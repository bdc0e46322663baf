/** @file Update status as a square, one drawing a state. Decoration: the word stands beside it. */
import type { ReactNode } from 'react';
import type { SquareState } from '@/lib/status.ts';

const accent = 'var(--accent)';
const accent2 = 'var(--accent-2)';
const soft = 'var(--accent-soft)';

/** Drawings live in a 16 × 16 box; the square itself spans 2 to 14. */
export function UpdateShape({ state, percent, size = 16 }: { state: SquareState; percent?: number | null; size?: number }) {
  return (
    <svg
      viewBox="0 0 16 16"
      width={size}
      height={size}
      aria-hidden="true"
      className="square shrink-0"
      fill="none"
      strokeLinecap="round"
      strokeLinejoin="round"
    >
      {state === 'downloading' ? downloading(percent ?? 0) : drawings[state]}
    </svg>
  );
}

function square(stroke: string, fill = 'none', dash?: string): ReactNode {
  return <rect x="2" y="2" width="12" height="12" rx="2.5" stroke={stroke} fill={fill} strokeWidth="1.5" strokeDasharray={dash} />;
}

function mark(d: string, stroke: string): ReactNode {
  return <path d={d} stroke={stroke} strokeWidth="1.6" />;
}

const tick = 'M5 8.3 7.1 10.4 11 6';
const back = 'M7 5.2 4.9 7.2 7 9.2M5.2 7.2H9a1.9 1.9 0 0 1 0 3.9H7.6';

function downloading(percent: number): ReactNode {
  const height = (11 * Math.min(100, Math.max(0, percent))) / 100;
  return (
    <>
      {square(accent2, 'none')}
      <rect x="2.75" y={13.25 - height} width="10.5" height={height} fill="var(--accent-line)" />
      {mark('M8 4.8v5.6M5.8 8.4 8 10.6l2.2-2.2', accent)}
    </>
  );
}

const drawings: Record<Exclude<SquareState, 'downloading'>, ReactNode> = {
  no_target: mark('M5 8h6', 'var(--ink-4)'),
  on_target: mark('M3.5 8.4 6.6 11.5 12.5 5', 'var(--ink-2)'),
  waiting: square('var(--line-3)'),
  waiting_offline: square('var(--bad-mark)', 'none', '2.2 1.9'),
  verifying: (
    <>
      {square(accent2, soft)}
      {mark(tick, accent)}
    </>
  ),
  staged: (
    <>
      {square(accent2, soft)}
      <rect x="4.6" y="7.6" width="6.8" height="3.8" rx="0.8" fill={accent} />
    </>
  ),
  warming: (
    <>
      {square(accent2, soft)}
      <circle cx="8" cy="8" r="2.4" stroke={accent} strokeWidth="1.5" />
    </>
  ),
  shadowing: (
    <>
      <rect x="5.2" y="1.6" width="9.2" height="9.2" rx="2" stroke={accent2} fill="var(--accent-line)" strokeWidth="1.5" />
      <rect x="1.6" y="5.2" width="9.2" height="9.2" rx="2" stroke={accent} fill={soft} strokeWidth="1.5" />
    </>
  ),
  switching: (
    <>
      {square(accent2, soft)}
      {mark('M5 6.4h6L9.6 5M11 9.6H5L6.4 11', accent)}
    </>
  ),
  probation: (
    <>
      {square(accent, 'none')}
      <path d="M2.6 13.4V4.2a1.6 1.6 0 0 1 1.6-1.6h9.2Z" fill={accent} />
    </>
  ),
  committed: (
    <>
      {square(accent, accent)}
      {mark(tick, 'var(--surface)')}
    </>
  ),
  rolled_back: (
    <>
      {square('var(--warn-mark)', 'var(--warn-soft)')}
      {mark(back, 'var(--warn-mark)')}
    </>
  ),
  failed: (
    <>
      {square('var(--bad-mark)', 'var(--bad-soft)')}
      {mark('M5.8 5.8 10.2 10.2M10.2 5.8 5.8 10.2', 'var(--bad-mark)')}
    </>
  ),
  refused: (
    <>
      {square('var(--bad-mark)', 'var(--bad-soft)')}
      {mark('M10.4 5.6 5.6 10.4', 'var(--bad-mark)')}
    </>
  ),
  quarantined: (
    <>
      {square('var(--bad-mark)', 'var(--bad-soft)')}
      <rect x="5.2" y="7.4" width="5.6" height="4" rx="0.8" fill="var(--bad-mark)" />
      {mark('M6.3 7.2V6a1.7 1.7 0 0 1 3.4 0v1.2', 'var(--bad-mark)')}
    </>
  ),
  returning: (
    <>
      {square(accent2, soft)}
      {mark(back, accent)}
    </>
  ),
  cancelled: (
    <>
      {square('var(--line-2)')}
      {mark('M5.4 8h5.2', 'var(--ink-3)')}
    </>
  ),
};
