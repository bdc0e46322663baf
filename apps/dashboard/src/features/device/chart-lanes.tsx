/** @file The device's lanes on one time axis: latency, stages, variant; gaps hatched, changes of variant marked through all of them. */
import { ArrowRight } from 'lucide-react';
import { laneGutters } from '@/components/charts/lane.tsx';
import { formatAge } from '@/lib/format.ts';
import { type RangeKey, ranges, timeTicks } from '@/lib/ranges.ts';
import { formatTime, zoneOffsetMs } from '@/lib/time-zone.ts';
import { namesApart, type VariantFacts } from '@/lib/variant-facts.ts';
import { ChartCursor, CursorLayer } from './chart-cursor.tsx';
import { type DeviceChart, latencyReading, spaced } from './chart-model.ts';
import { LatencyLane } from './latency-lane.tsx';
import { StageLane } from './stage-lane.tsx';

type Props = { chart: DeviceChart; range: RangeKey; variants: Map<string, VariantFacts>; zone: string };

export function ChartLanes({ chart, range, variants, zone }: Props) {
  const { from, to } = chart.span;
  const place = (at: number) => (Math.min(Math.max(at, from), to) - from) / ((to - from) / 100);
  const name = namesApart(variants);
  const places = chart.points.map(({ at }) => Number(place(at).toFixed(2)));
  return (
    <ChartCursor>
      <div className={`px-5 pb-3 phone:px-4 ${laneGutters}`}>
        <div role="img" aria-label={latencyReading(chart, ranges[range].title, name)} className="relative">
          <Changes chart={chart} place={place} name={name} zone={zone} />
          <div className="relative">
            <Throttled chart={chart} place={place} />
            <LatencyLane chart={chart} place={place} />
            <StageLane chart={chart} place={place} />
            <VariantLane chart={chart} place={place} name={name} />
            <Gaps chart={chart} place={place} />
            <Axis chart={chart} range={range} place={place} zone={zone} />
            <div className="absolute inset-y-0 right-[var(--right)] left-[var(--left)]">
              <CursorLayer places={places} times={chart.points.map(({ at }) => Math.round(at))} />
            </div>
          </div>
        </div>
      </div>
    </ChartCursor>
  );
}

type LayerProps = { chart: DeviceChart; place: (at: number) => number };

/** Flags above, lines through every lane. */
function Changes({ chart, place, name, zone }: LayerProps & { name: (id: string) => string; zone: string }) {
  const flags = spaced(chart.changes, chart.span, 0.34);
  return (
    <div className="pointer-events-none absolute inset-y-0 right-[var(--right)] left-[var(--left)] z-[1]">
      {chart.changes.map(({ at }) => (
        <span key={at} className="absolute top-5 bottom-5 w-[1.25px] bg-ink" style={{ left: `${place(at)}%` }} />
      ))}
      {flags.map(({ at, fromId, toId }) => (
        <span
          key={at}
          className="figures absolute -top-0.5 flex h-[22px] items-center gap-1.5 whitespace-nowrap bg-ink px-2 text-axis text-surface phone:px-1.5"
          style={{ left: `${place(at)}%`, transform: `translateX(-${place(at)}%)` }}
        >
          <span className="font-medium">{name(fromId)}</span>
          <ArrowRight size={10} strokeWidth={2} aria-hidden="true" />
          <span className="font-medium">{name(toId)}</span>
          <span className="opacity-75">{formatTime(at, zone, 'minute')}</span>
        </span>
      ))}
    </div>
  );
}

/** A soft band behind every lane, and its word above the newest of those that are near each other. */
function Throttled({ chart, place }: LayerProps) {
  const labelled = spaced(
    chart.throttled.map((band) => ({ ...band, at: band.to })),
    chart.span,
    0.18,
  );
  return (
    <div className="pointer-events-none absolute inset-y-0 right-[var(--right)] left-[var(--left)]">
      {chart.throttled.map(({ from, to }) => (
        <span
          key={from}
          className="absolute top-7 bottom-5 bg-warn-soft"
          style={{ left: `${place(from)}%`, width: `${place(to) - place(from)}%` }}
        />
      ))}
      {labelled.map(({ from, to }) => (
        <span
          key={from}
          className="absolute top-1.5 whitespace-nowrap text-axis text-warn phone:hidden"
          style={{ right: `${100 - place(to)}%` }}
        >
          throttled {formatAge(to - from)}
        </span>
      ))}
    </div>
  );
}

function Gaps({ chart, place }: LayerProps) {
  const labelled = spaced(
    chart.gaps.map((gap) => ({ ...gap, at: gap.from })),
    chart.span,
    0.18,
  );
  return (
    <div className="pointer-events-none absolute inset-y-0 right-[var(--right)] left-[var(--left)] z-[2]">
      {chart.gaps.map(({ from, to }) => (
        <span
          key={from}
          className="hatch absolute top-7 bottom-5"
          style={{ left: `${place(from)}%`, width: `${place(to) - place(from)}%` }}
        />
      ))}
      {labelled.map(({ from, to }) => (
        <span
          key={from}
          className="absolute top-[204px] phone:hidden whitespace-nowrap bg-surface px-1 text-axis text-ink-3"
          style={{ left: `clamp(160px, ${(place(from) + place(to)) / 2}%, calc(100% - 46px))`, transform: 'translateX(-50%)' }}
        >
          no frames {formatAge(to - from)}
        </span>
      ))}
    </div>
  );
}

function VariantLane({ chart, place, name }: LayerProps & { name: (id: string) => string }) {
  const order = [...new Set(chart.runs.map(({ variantId }) => variantId))];
  return (
    <div className="relative mr-[var(--right)] ml-[var(--left)] h-4">
      <span className="absolute right-full mr-2 text-axis text-ink-3 phone:hidden">Variant</span>
      {chart.runs.map(({ from, to, variantId }) => {
        // The newest is accent, what came before it is grey; two old ones side by side are told apart by their names.
        const newest = variantId === order.at(-1);
        const wide = place(to) - place(from) > 13;
        return (
          <span
            key={from}
            title={name(variantId)}
            className={`absolute inset-y-px overflow-hidden whitespace-nowrap pl-1.5 text-axis leading-[14px] ${newest ? 'bg-accent text-on-accent' : 'bg-track text-ink-2'}`}
            style={{ left: `${place(from)}%`, width: `${place(to) - place(from)}%` }}
          >
            {wide && name(variantId)}
          </span>
        );
      })}
    </div>
  );
}

function Axis({ chart: { span }, range, place, zone }: LayerProps & { range: RangeKey; zone: string }) {
  const ticks = timeTicks(span.from, span.to, zoneOffsetMs(span.to, zone), 7);
  const style = ranges[range].ms > 2 * 86_400_000 ? 'day' : 'minute';
  return (
    <div className="relative mr-[var(--right)] ml-[var(--left)] h-5">
      {ticks
        .filter((at) => place(at) < 93)
        .map((at, index) => (
          <span
            key={at}
            className={`figures absolute top-1 whitespace-nowrap text-axis text-ink-3 ${index % 2 === 1 ? 'phone:hidden' : ''}`}
            style={{ left: `${place(at)}%`, transform: `translateX(-${Math.min(50, place(at) * 8)}%)` }}
          >
            {formatTime(at, zone, style)}
          </span>
        ))}
      <span className="absolute top-1 right-0 text-axis">now</span>
    </div>
  );
}
