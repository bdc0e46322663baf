/** @file One crosshair for all lanes: under it, the values at the right become those of that moment. */
'use client';
import { createContext, type PointerEvent, type ReactNode, useContext, useMemo, useState } from 'react';
import { useClock } from '@/components/live/clock-provider.tsx';
import { formatMsNumber } from '@/lib/format.ts';
import { formatTime, sameDay } from '@/lib/time-zone.ts';

type Cursor = { index: number | null; move: (index: number | null) => void };

const CursorContext = createContext<Cursor>({ index: null, move: () => undefined });

export function ChartCursor({ children }: { children: ReactNode }) {
  const [index, move] = useState<number | null>(null);
  const value = useMemo(() => ({ index, move }), [index]);
  return <CursorContext value={value}>{children}</CursorContext>;
}

/** The value at the crosshair, else the newest. */
export function CursorValue({ values }: { values: (number | null)[] }) {
  const { index } = useContext(CursorContext);
  return <span className="figures">{formatMsNumber(index === null ? values.at(-1) : values[index])}</span>;
}

type LayerProps = {
  /** Where the points lie, percent of the width, ascending. */
  places: number[];
  /** Their times, milliseconds. */
  times: number[];
};

/** Lies over the lanes and listens. Reading needs no pointer: the same figures are a click away as a table. */
export function CursorLayer({ places, times }: LayerProps) {
  const { index, move } = useContext(CursorContext);
  const { now, zone } = useClock();
  const follow = (event: PointerEvent<HTMLDivElement>) => {
    const box = event.currentTarget.getBoundingClientRect();
    move(nearest(places, ((event.clientX - box.left) / box.width) * 100));
  };
  const place = index === null ? undefined : places[index];
  const at = index === null ? undefined : times[index];
  return (
    <div
      className="absolute inset-0 touch-pan-y"
      onPointerMove={follow}
      onPointerDown={follow}
      onPointerLeave={() => move(null)}
      aria-hidden="true"
    >
      {place !== undefined && at !== undefined && (
        <>
          <div className="absolute inset-y-0 w-px bg-ink-3" style={{ left: `${place}%` }} />
          <span
            className="figures absolute bottom-0 whitespace-nowrap bg-ink px-1.5 text-axis text-surface"
            style={{ left: `${place}%`, transform: `translateX(-${place}%)` }}
          >
            {sameDay(at, now, zone) ? formatTime(at, zone, 'clock') : formatTime(at, zone, 'dayMinute')}
          </span>
        </>
      )}
    </div>
  );
}

function nearest(places: number[], target: number): number | null {
  let best: number | null = null;
  for (const [index, place] of places.entries()) {
    if (best === null || Math.abs(place - target) < Math.abs(places[best]! - target)) best = index;
  }
  return best;
}
