/** @file Four numbers: is all of it there, working, in time, as meant. The number is never coloured; the sentence below it is. */
import { Sparkline } from '@/components/charts/sparkline.tsx';
import { Tick } from '@/components/ui/tick.tsx';
import { formatMsNumber, formatRate } from '@/lib/format.ts';
import type { Tile, Tone } from './view-model.ts';

const tones: Record<Tone, string> = { plain: 'text-ink-3', warn: 'text-warn', bad: 'text-bad' };

export function Tiles({ tiles }: { tiles: Tile[] }) {
  return (
    <section aria-label="The fleet in four numbers" className="grid grid-cols-2 border-line border-b xl:grid-cols-4">
      {tiles.map((tile, index) => (
        <TileView key={tile.key} tile={tile} index={index} />
      ))}
    </section>
  );
}

const edges = ['', 'border-l', 'max-xl:border-t xl:border-l', 'border-l max-xl:border-t'];

function TileView({ tile, index }: { tile: Tile; index: number }) {
  return (
    <div
      className={`flex min-h-[98px] min-w-0 items-start justify-between gap-3 border-line px-5 py-3.5 phone:px-4 phone:py-2.5 ${edges[index]}`}
    >
      <div className="min-w-0 shrink-0 phone:shrink">
        <h2 className="text-ink-2">{tile.title}</h2>
        <p className="flex items-baseline gap-1.5 whitespace-nowrap">
          <Tick className="text-tile">{tile.value}</Tick>
          <span className="text-ink-3 text-title font-normal">{tile.unit}</span>
        </p>
        <p className="whitespace-nowrap text-second phone:whitespace-normal">
          {tile.sub.map(({ text, tone }) => (
            <span key={text} className={tones[tone]}>
              {text}
            </span>
          ))}
        </p>
      </div>
      {tile.trend !== undefined && (
        <span className="mt-4 phone:hidden xl:max-[1399px]:hidden">
          <Sparkline values={tile.trend} label={trendReading(tile)} width={88} height={30} />
        </span>
      )}
    </div>
  );
}

function trendReading({ key, trend = [], trendTitle }: Tile): string {
  const known = trend.filter((value) => value !== null);
  if (known.length === 0) return `${trendTitle}: no frames in the last half hour`;
  const write = key === 'latency' ? formatMsNumber : formatRate;
  return `${trendTitle} over the last half hour: between ${write(Math.min(...known))} and ${write(Math.max(...known))}, now ${write(known.at(-1))}`;
}
