/** @file An interval against its limit: track, hatched forbidden side, ink limit, grey zero, 4 px interval, dot at the estimate. */
import type { Outcome, Plot } from './gate-model.ts';

const marks: Record<Outcome, string> = { pass: 'var(--ok-mark)', inconclusive: 'var(--warn-mark)', fail: 'var(--bad-mark)' };

/** @param label the interval in words */
export function IntervalPlot({ plot, verdict, label }: { plot: Plot; verdict: Outcome; label: string }) {
  const { kind, limit, mirror, zero, low, high, at } = plot;
  const percent = (position: number) => `${(position * 100).toFixed(2)}%`;
  const beyond: [from: number, to: number][] = kind === 'atLeast' ? [[0, limit]] : [[limit, 1]];
  if (mirror !== null) beyond.push([0, mirror]);
  return (
    <span role="img" aria-label={label} className="relative block h-4 min-w-20">
      <span className="absolute inset-x-0 top-1 h-2 bg-track" />
      {beyond.map(([from, to]) => (
        <span key={from} className="hatch absolute top-1 h-2" style={{ left: percent(from), width: percent(to - from) }} />
      ))}
      {zero !== null && <span className="absolute top-0.5 h-3 w-px bg-line-3" style={{ left: percent(zero) }} />}
      {[limit, ...(mirror === null ? [] : [mirror])].map((place) => (
        <span key={place} className="absolute top-0 h-4 w-0.5 -translate-x-1/2 bg-ink" style={{ left: percent(place) }} />
      ))}
      <span
        className="absolute top-1.5 h-1 min-w-0.5"
        style={{ left: percent(low), width: percent(Math.max(0, high - low)), background: marks[verdict] }}
      />
      <span
        className="absolute top-1 size-2 -translate-x-1/2 rounded-full ring-1 ring-surface"
        style={{ left: percent(at), background: marks[verdict] }}
      />
    </span>
  );
}
