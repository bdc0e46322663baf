/** @file A trend without axes: one grey line, a dot at its end, open where nothing was measured. */
import { extent } from 'd3-array';
import { scaleLinear } from 'd3-scale';
import { line } from 'd3-shape';

type Props = {
  values: (number | null)[];
  /** What the line shows, in words. */
  label: string;
  width?: number;
  height?: number;
  tone?: 'plain' | 'warn';
};

/** Fewer points are a squiggle, not a trend. */
const fewest = 5;

export function Sparkline({ values, label, width = 88, height = 22, tone = 'plain' }: Props) {
  const known = values.filter((value) => value !== null);
  // Keeps its room, so that the first numbers do not push anything aside.
  if (known.length < fewest) return <svg width={width} height={height} aria-hidden="true" className="shrink-0" />;
  const [low, high] = extent(known) as [number, number];
  // A line that hardly moves is drawn flat: noise is not news.
  const margin = Math.max((high - low) * 0.1, high * 0.15);
  const x = scaleLinear([0, values.length - 1], [1, width - 4]);
  const y = scaleLinear([Math.max(0, low - margin), high + margin], [height - 2, 2]);
  const path = line<number | null>()
    .defined((value) => value !== null)
    .x((_, index) => x(index))
    .y((value) => y(value ?? 0));
  const last = values.findLastIndex((value) => value !== null);
  const colour = tone === 'warn' ? 'var(--warn-mark)' : 'var(--ink-3)';
  return (
    <svg role="img" aria-label={label} width={width} height={height} className="shrink-0">
      <path d={path(values) ?? ''} fill="none" stroke={colour} strokeWidth="1.25" strokeLinejoin="round" />
      <circle cx={x(last)} cy={y(values[last] ?? 0)} r="2" fill={colour} />
    </svg>
  );
}
