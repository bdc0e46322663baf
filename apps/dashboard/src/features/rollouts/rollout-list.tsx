/** @file All rollouts, live ones first: state, variants, serving against set, devices by status, age. */
import { Link } from '@/components/link.tsx';
import { Age } from '@/components/live/age.tsx';
import { figuresOf, isLive, isOver, type RolloutFigures, rolloutWord, setOf } from '@/lib/rollout-words.ts';
import type { VariantFacts } from '@/lib/variant-facts.ts';
import type { RolloutLine } from '@/server/rollouts/store/read.ts';
import { RolloutChip } from './rollout-chip.tsx';
import { RolloutPair } from './rollout-pair.tsx';
import { ServingBar } from './serving-bar.tsx';

type Props = { rollouts: RolloutLine[]; variants: ReadonlyMap<string, VariantFacts> };

export function RolloutList({ rollouts, variants }: Props) {
  const order = (line: RolloutLine) => (isLive(line.state) ? 0 : isOver(line.state) ? 2 : 1);
  const sorted = [...rollouts].sort((a, b) => order(a) - order(b) || b.createdAt - a.createdAt);
  return (
    <ul aria-label="Rollouts" className="border-line-2 border-t">
      {sorted.map((line) => (
        <li key={line.id} className="border-line border-b hover:bg-sunken">
          <RolloutRow line={line} variants={variants} />
        </li>
      ))}
    </ul>
  );
}

function RolloutRow({ line, variants }: { line: RolloutLine; variants: Props['variants'] }) {
  const figures = figuresOf(line.counts);
  const back = line.state === 'rolling_back' || line.state === 'rolled_back';
  return (
    <Link
      href={`/rollouts/${line.id}`}
      className="grid min-h-[52px] items-center gap-x-4 gap-y-1 px-5 py-2 xl:grid-cols-[minmax(0,1fr)_212px_310px_150px_minmax(0,1fr)_72px] phone:px-4 phone:py-3"
    >
      <span className="min-w-0 truncate font-medium" title={line.name}>
        {line.name}
      </span>
      <span>
        <RolloutChip {...rolloutWord(line)} back={back} />
      </span>
      <span className="min-w-0">
        <RolloutPair from={line.previousIds} to={line.variantIds} variants={variants} back={back} />
      </span>
      {figures.total === 0 ? (
        <span className="text-ink-3 xl:col-span-2">its devices are chosen at the start</span>
      ) : (
        <>
          <span className="flex items-center gap-2.5">
            <ServingBar serving={figures.committed} set={setOf(figures)} total={figures.total} className="flex-1 xl:max-w-24" />
            <span className="figures whitespace-nowrap text-second">
              {figures.committed}
              <span className="text-ink-3"> / {figures.total}</span>
            </span>
          </span>
          <ByStatus figures={figures} />
        </>
      )}
      <Age
        at={line.startedAt ?? line.createdAt}
        className="text-right text-second text-ink-3 phone:text-left xl:text-right max-xl:text-left"
      />
    </Link>
  );
}

function ByStatus({ figures }: { figures: RolloutFigures }) {
  const words: [count: number, word: string, tone: string][] = [
    [figures.inMotion, 'in motion', 'text-accent'],
    [figures.failed, 'failed', 'text-bad'],
    [figures.back, 'back', 'text-warn'],
    [figures.waiting, 'waiting', 'text-ink-3'],
    [figures.leftOut, 'left out', 'text-ink-3'],
  ];
  const shown = words.filter(([count]) => count > 0);
  return (
    <span className="figures flex min-w-0 flex-wrap gap-x-3 text-second">
      {shown.length === 0 && <span className="text-ink-3">all committed</span>}
      {shown.map(([count, word, tone]) => (
        <span key={word} className={`whitespace-nowrap ${tone}`}>
          {count} {word}
        </span>
      ))}
    </span>
  );
}
