/** @file Where the time goes: mean milliseconds per stage, stacked, inference lowest. */
import { scaleLinear } from 'd3-scale';
import { Lane, laneWidth } from '@/components/charts/lane.tsx';
import { CursorValue } from './chart-cursor.tsx';
import { type ChartPoint, type DeviceChart, type StackedStage, stackedStages, stageWords } from './chart-model.ts';

const height = 88;
/** Share of a bar's width that is left open between two bars. */
const opening = 0.12;

export function StageLane({ chart, place }: { chart: DeviceChart; place: (at: number) => number }) {
  const shown = stackedStages.filter((stage) => chart.points.some(({ stages }) => stages[stage] !== undefined));
  const highest = Math.max(...chart.points.map((point) => sumOf(point, shown)));
  const y = scaleLinear([0, highest * 1.08], [height, 0]);
  const told = shown.length > 0;
  return (
    <Lane
      title={told ? 'Stages, mean ms' : 'Stages: its agent does not tell them'}
      height={height}
      y={y}
      ticks={told ? y.ticks(3) : []}
      values={<StageValues points={chart.points} shown={shown} />}
    >
      {shown.map((stage) => (
        <path key={stage} d={chart.points.map((point) => bar(point, stage, shown, place, y)).join('')} fill={`var(--stage-${stage})`} />
      ))}
    </Lane>
  );
}

function sumOf({ stages }: ChartPoint, upTo: readonly StackedStage[]): number {
  return upTo.reduce((sum, stage) => sum + (stages[stage] ?? 0), 0);
}

function bar(
  point: ChartPoint,
  stage: StackedStage,
  shown: StackedStage[],
  place: (at: number) => number,
  y: (value: number) => number,
): string {
  const below = sumOf(point, shown.slice(0, shown.indexOf(stage)));
  const left = (place(point.start) / 100) * laneWidth;
  const width = (place(point.end) / 100) * laneWidth - left;
  const bottom = y(below);
  const top = y(below + (point.stages[stage] ?? 0));
  return `M${left.toFixed(2)} ${bottom.toFixed(2)}V${top.toFixed(2)}h${(width * (1 - opening)).toFixed(2)}V${bottom.toFixed(2)}Z`;
}

/** From the top of the stack down, as the bars are. */
function StageValues({ points, shown }: { points: ChartPoint[]; shown: StackedStage[] }) {
  return (
    <span className="flex h-full flex-col justify-end gap-0.5 text-second">
      {shown.toReversed().map((stage) => (
        <span key={stage} className="flex items-center justify-between gap-1">
          <span className="flex min-w-0 items-center gap-1.5 text-ink-2">
            <span className="size-2 shrink-0" style={{ background: `var(--stage-${stage})` }} />
            <span className="truncate">{stageWords[stage]}</span>
          </span>
          <span className="font-medium">
            <CursorValue values={points.map(({ stages }) => stages[stage] ?? null)} />
          </span>
        </span>
      ))}
    </span>
  );
}
