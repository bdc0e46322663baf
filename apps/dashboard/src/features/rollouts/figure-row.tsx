/** @file The rollout in numbers: whatever happens, they sum to its devices. */
import { Tick } from '@/components/ui/tick.tsx';
import { plural } from '@/lib/format.ts';
import { figuresOf, goesBack, setOf, squareOf } from '@/lib/rollout-words.ts';
import type { RolloutDetail } from '@/server/rollouts/store/read.ts';
import { ServingBar } from './serving-bar.tsx';

type Figure = {
  key: string;
  count: number;
  of?: number;
  title: string;
  sub: string;
  bad?: boolean;
  bar?: { serving: number; set: number; total: number };
};

export function FigureRow({ rollout }: { rollout: RolloutDetail }) {
  const figures = goesBack(rollout.state, rollout.pausedFrom) ? backward(rollout) : forward(rollout);
  return (
    <section aria-label="Devices in numbers" className="flex flex-wrap border-line border-b">
      {figures.map((figure, index) => (
        <FigureView key={figure.key} figure={figure} first={index === 0} />
      ))}
    </section>
  );
}

function FigureView({ figure: { count, of, title, sub, bad = false, bar }, first }: { figure: Figure; first: boolean }) {
  return (
    <div
      className={`flex min-h-[60px] flex-auto items-center gap-3 px-5 py-2.5 phone:basis-[45%] phone:grow phone:items-start phone:px-4 ${first ? 'sm:grow-[2] phone:basis-full!' : 'border-line sm:border-l phone:border-t'}`}
    >
      <p className="flex items-baseline gap-1.5 whitespace-nowrap">
        <Tick className={`text-[1.625rem] leading-8 font-[550] ${bad && count > 0 ? 'text-bad' : ''}`}>{String(count)}</Tick>
        {of !== undefined && <span className="text-ink-3">/ {of}</span>}
      </p>
      <p className="min-w-0 text-second">
        <span className="block font-medium">{title}</span>
        <span className="block text-ink-2">{sub}</span>
      </p>
      {bar !== undefined && <ServingBar {...bar} className="min-w-24 flex-1" />}
    </div>
  );
}

function forward(rollout: RolloutDetail): Figure[] {
  const { devices, spec } = rollout;
  const figures = figuresOf(rollout.counts);
  const { total, committed, inMotion, failed, waiting, back, leftOut } = figures;
  const serving = devices.filter(({ servingId, variantId }) => servingId === variantId).length;
  const set = setOf(figures);
  const allowed = spec.gates.failuresAllowed;
  const away = devices.filter(({ state, online }) => state === 'waiting' && !online).length;
  const list: Figure[] = [
    {
      key: 'committed',
      count: committed,
      of: total,
      title: `committed, ${share(committed, total)}`,
      sub: `serving ${serving}, set ${set}`,
      bar: { serving: committed, set, total },
    },
    { key: 'motion', count: inMotion, title: 'in motion', sub: wordsOf(rollout, ['told', 'moving', 'returning']) ?? 'none on the way' },
    {
      key: 'failed',
      count: failed,
      title: `failed, ${allowed === 0 ? 'none allowed' : `${allowed} allowed`}`,
      sub: wordsOf(rollout, ['failed', 'rolled_back', 'timed_out', 'return_failed']) ?? 'none so far',
      bad: true,
    },
    {
      key: 'waiting',
      count: waiting,
      title: 'waiting',
      sub: away === 0 ? 'for their turn' : `${away} offline, ${away === 1 ? 'follows' : 'follow'} on return`,
    },
  ];
  if (back > 0) list.push({ key: 'back', count: back, title: 'back', sub: 'on their own previous variant' });
  if (leftOut > 0) list.push({ key: 'left', count: leftOut, title: 'left out', sub: wordsOf(rollout, ['skipped', 'superseded']) ?? '' });
  return list;
}

/** Going back: who is back, who is on the way, who still has the new variant, who never had it. */
function backward(rollout: RolloutDetail): Figure[] {
  const { counts, spec, state } = rollout;
  const { total } = figuresOf(counts);
  const stays = state === 'aborted' ? 'stay on the new variant' : state === 'rolled_back' ? 'still on the new variant' : 'next';
  const refused = counts.return_failed + counts.timed_out;
  const had = counts.returned + counts.returning + counts.committed + refused;
  return [
    {
      key: 'back',
      count: counts.returned,
      of: had,
      title: 'back',
      sub: 'on their own previous variant',
      bar: { serving: counts.returned, set: counts.returned + counts.returning, total: had },
    },
    { key: 'returning', count: counts.returning, title: 'returning', sub: `at most ${spec.rollback.concurrency} at a time` },
    { key: 'committed', count: counts.committed, title: stays, sub: state === 'aborted' ? 'they had committed it' : 'for their turn back' },
    { key: 'refused', count: refused, title: 'not back', sub: wordsOf(rollout, ['return_failed', 'timed_out']) ?? 'none', bad: true },
    {
      key: 'rest',
      count: total - had,
      title: 'not on it',
      sub: wordsOf(rollout, ['skipped', 'superseded', 'failed', 'rolled_back', 'waiting', 'told', 'moving']) ?? 'none',
    },
  ];
}

/** "1 probation, 1 shadowing": what those in these states do, the most frequent first. */
function wordsOf({ devices }: RolloutDetail, states: readonly string[]): string | null {
  const counts = new Map<string, number>();
  for (const device of devices) {
    if (!states.includes(device.state)) continue;
    const word = squareOf(device).word.toLowerCase();
    counts.set(word, (counts.get(word) ?? 0) + 1);
  }
  const sorted = [...counts].sort(([, a], [, b]) => b - a);
  return sorted.length === 0 ? null : sorted.map(([word, count]) => `${count} ${word}`).join(', ');
}

function share(count: number, total: number): string {
  return total === 0 ? plural(0, 'device') : `${Math.round((100 * count) / total)}\u00A0%`;
}
