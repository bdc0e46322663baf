/** @file One lane of a time chart: horizontal grid lines with their numbers at the left, room for now-values at the right. No frame. */
import type { ScaleLinear } from 'd3-scale';
import type { ReactNode } from 'react';

type Props = {
  title: string;
  height: number;
  /** Values → pixels from the top. */
  y: ScaleLinear<number, number>;
  ticks: number[];
  /** Drawn in a box of 1000 × height that is stretched sideways; strokes keep their width. */
  children: ReactNode;
  values: ReactNode;
};

/** Widths of the gutters; the lanes and everything that lies over them share these. */
export const laneGutters = '[--left:44px] [--right:116px] phone:[--left:30px] phone:[--right:110px]';

export const laneWidth = 1000;

export function Lane({ title, height, y, ticks, children, values }: Props) {
  return (
    <div className="pb-3">
      {/* Positioned, so that bands behind the lanes do not cover it. */}
      <p className="relative pb-1.5">{title}</p>
      <div className="relative ml-[var(--left)] mr-[var(--right)]" style={{ height }}>
        {ticks.map((tick) => (
          <span key={tick}>
            <span className="absolute inset-x-0 h-px bg-line" style={{ top: y(tick) }} />
            <span className="figures absolute right-full mr-2 -translate-y-1/2 text-axis text-ink-3" style={{ top: y(tick) }}>
              {formatTick(tick)}
            </span>
          </span>
        ))}
        <svg viewBox={`0 0 ${laneWidth} ${height}`} preserveAspectRatio="none" aria-hidden="true" className="absolute inset-0 size-full">
          {children}
        </svg>
        <div className="absolute inset-y-0 left-full w-[var(--right)] pl-2.5">{values}</div>
      </div>
    </div>
  );
}

/** The axis' number; its unit stands in the title. */
function formatTick(value: number): string {
  return Number.isInteger(value) ? String(value) : value.toFixed(1).replace(/\.0$/, '');
}
