/** @file Latency over time: the band from p50 to p95, p95 and p50 as lines, p99 dashed. */
import { scaleLinear } from 'd3-scale';
import { area, line } from 'd3-shape';
import { apart } from '@/components/charts/apart.ts';
import { Lane, laneWidth } from '@/components/charts/lane.tsx';
import { formatMs } from '@/lib/format.ts';
import { CursorValue } from './chart-cursor.tsx';
import { type ChartPoint, type DeviceChart, latencyDomain } from './chart-model.ts';

const height = 168;

type Place = { x: number; point: ChartPoint };

export function LatencyLane({ chart, place }: { chart: DeviceChart; place: (at: number) => number }) {
  const domain = latencyDomain(chart.points);
  const y = scaleLinear([domain.min, domain.max], [height, 8]);
  const top = (value: number) => Math.max(0, y(value));
  const x = (at: number) => (place(at) / 100) * laneWidth;
  const stretches = chart.segments.map(({ first, last }) => corners(chart.points.slice(first, last + 1), x));
  const curve = (value: (point: ChartPoint) => number) => {
    const path = line<Place>(
      (at) => at.x,
      (at) => top(value(at.point)),
    );
    return stretches.map((stretch) => path(stretch)).join('');
  };
  const band = area<Place>(
    (at) => at.x,
    (at) => top(at.point.p50),
    (at) => top(at.point.p95),
  );
  return (
    <Lane
      title="Latency, ms"
      height={height}
      y={y}
      ticks={y.ticks(4)}
      values={<NowValues chart={chart} top={top} beyond={domain.beyond} />}
    >
      <path d={stretches.map((stretch) => band(stretch)).join('')} fill="var(--accent-soft)" />
      <path d={curve(({ p99 }) => p99)} fill="none" stroke="var(--ink-3)" strokeDasharray="2 2.5" vectorEffect="non-scaling-stroke" />
      <path d={curve(({ p50 }) => p50)} fill="none" stroke="var(--accent-2)" vectorEffect="non-scaling-stroke" />
      <path
        d={curve(({ p95 }) => p95)}
        fill="none"
        stroke="var(--accent)"
        strokeWidth="1.75"
        strokeLinejoin="round"
        vectorEffect="non-scaling-stroke"
      />
    </Lane>
  );
}

/** Lines reach from the first window's start to the last one's end, so that even a single window is seen. */
function corners(points: ChartPoint[], x: (at: number) => number): Place[] {
  const first = points[0]!;
  const last = points.at(-1)!;
  return [{ x: x(first.start), point: first }, ...points.map((point) => ({ x: x(point.at), point })), { x: x(last.end), point: last }];
}

const series = [
  { key: 'p99', className: 'text-ink-3' },
  { key: 'p95', className: 'font-medium text-accent' },
  { key: 'p50', className: 'text-accent-2' },
] as const;

function NowValues({ chart: { points }, top, beyond }: { chart: DeviceChart; top: (value: number) => number; beyond: number | null }) {
  const last = points.at(-1)!;
  const places = apart(
    series.map(({ key }) => top(last[key])),
    17,
    height - 4,
  );
  return (
    <>
      {series.map(({ key, className }, index) => (
        <span
          key={key}
          className="absolute right-0 left-2.5 flex -translate-y-1/2 justify-between gap-2 text-second"
          style={{ top: places[index] }}
        >
          <span className={className}>{key}</span>
          <span className={key === 'p95' ? 'font-semibold' : 'font-medium'}>
            <CursorValue values={points.map((point) => point[key])} />
          </span>
        </span>
      ))}
      {beyond !== null && (
        <span className="absolute right-0 bottom-full mb-1 whitespace-nowrap text-axis text-ink-3">p99 up to {formatMs(beyond)}, cut</span>
      )}
    </>
  );
}
