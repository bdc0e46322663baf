/** @file Severity as a triangle (solid critical, outlined warning) or a ringed i. Decoration: the word stands beside it. */
import type { Severity } from '@/lib/status.ts';

const triangle = 'M8 2.1 14.4 13.4H1.6Z';

export function SeverityShape({ severity, size = 16 }: { severity: Severity; size?: number }) {
  if (severity === 'notice') {
    return (
      <svg
        viewBox="0 0 16 16"
        width={size}
        height={size}
        aria-hidden="true"
        className="shrink-0"
        fill="none"
        stroke="var(--ink-3)"
        strokeWidth="1.5"
      >
        <circle cx="8" cy="8" r="6.2" />
        <path d="M8 7.4v3.6M8 4.9v.1" strokeLinecap="round" />
      </svg>
    );
  }
  const critical = severity === 'critical';
  const colour = critical ? 'var(--bad-mark)' : 'var(--warn-mark)';
  return (
    <svg
      viewBox="0 0 16 16"
      width={size}
      height={size}
      aria-hidden="true"
      className="shrink-0"
      strokeLinejoin="round"
      strokeLinecap="round"
    >
      <path d={triangle} fill={critical ? colour : 'none'} stroke={colour} strokeWidth="1.6" />
      <path d="M8 6.4v3.2M8 11.6v.05" stroke={critical ? 'var(--surface)' : colour} strokeWidth="1.6" fill="none" />
    </svg>
  );
}
