/** @file Serving against set: filled as far as the new variant serves, pale as far as it is set, with an ink tick there. */
import { plural } from '@/lib/format.ts';

type Props = { serving: number; set: number; total: number; className?: string };

export function ServingBar({ serving, set, total, className = '' }: Props) {
  const share = (count: number) => (total === 0 ? 0 : (100 * count) / total);
  return (
    <span
      role="img"
      aria-label={`${serving} of ${plural(total, 'device')} serve it, ${set} are set to`}
      className={`relative block h-2 min-w-16 bg-track ${className}`}
    >
      <span className="absolute inset-y-0 left-0 bg-accent-line" style={{ width: `${share(set)}%` }} />
      <span className="absolute inset-y-0 left-0 bg-accent" style={{ width: `${share(serving)}%` }} />
      {set > 0 && <span className="absolute -inset-y-1 w-0.5 -translate-x-1/2 bg-ink" style={{ left: `${share(set)}%` }} />}
    </span>
  );
}
