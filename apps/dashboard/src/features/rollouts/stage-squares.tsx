/** @file One square per device in order of stages; above two hundred, a table of numbers. */
import { Link } from '@/components/link.tsx';
import { UpdateShape } from '@/components/status/update-shape.tsx';
import { Cell, Head, HeadRow, NameCell, Row, Table } from '@/components/ui/table.tsx';
import { plural } from '@/lib/format.ts';
import { bySquare, type Square, shortNames, squareOf, stageName } from '@/lib/rollout-words.ts';
import type { RolloutDetail, RolloutDeviceFacts } from '@/server/rollouts/store/read.ts';

type Placed = { device: RolloutDeviceFacts; square: Square };
type Stage = { key: string; name: string; note: string; done: number; set: number; members: Placed[] };

/** Of a square with its gap, by how many there are; below, the edge of the square itself. */
const most = 200;
const densities = [
  { upTo: 30, size: 34, pitch: 38 },
  { upTo: 60, size: 24, pitch: 30 },
  { upTo: most, size: 18, pitch: 24 },
];

export function StageSquares({ rollout }: { rollout: RolloutDetail }) {
  const { devices } = rollout;
  const stages = stagesOf(rollout);
  const density = densities.find(({ upTo }) => devices.length <= upTo);
  if (density === undefined) return <StageTable stages={stages} />;
  const short = density.size === 34 ? shortNames(devices.map(({ id }) => id)) : null;
  return (
    <section aria-label="Devices by stage" className="border-line border-b px-5 py-3.5 phone:px-4">
      <div className="flex flex-wrap gap-x-5 gap-y-4 phone:flex-col">
        {stages.map((stage) => (
          <div
            key={stage.key}
            className="min-w-[min-content] max-w-full phone:grid phone:grid-cols-[104px_minmax(0,1fr)] phone:gap-x-3 phone:w-full!"
            style={{ width: stage.members.length * density.pitch }}
          >
            <h3 className="mb-1.5 whitespace-nowrap text-second">
              <span className="font-medium">{stage.name}</span> <span className="text-ink-3 phone:block">{stage.note}</span>
            </h3>
            <StageLine stage={stage} />
            <ul aria-label={stage.name} className="grid" style={{ gridTemplateColumns: `repeat(auto-fill, ${density.pitch}px)` }}>
              {stage.members.map(({ device, square }) => (
                <li key={device.id} className="pb-1">
                  <Link
                    href={`/devices/${encodeURIComponent(device.id)}`}
                    aria-label={`${device.id}: ${square.word}`}
                    title={titleOf(device, square)}
                    className="flex flex-col items-center rounded-tag hover:bg-sunken"
                    style={{ width: density.pitch - 2, minHeight: density.pitch }}
                  >
                    <UpdateShape state={square.shape} percent={square.percent} size={density.size + 6} />
                    {short !== null && (
                      <span aria-hidden="true" className={`text-axis phone:hidden ${toneOf(square)}`}>
                        {short.names.get(device.id)}
                      </span>
                    )}
                  </Link>
                </li>
              ))}
            </ul>
          </div>
        ))}
      </div>
      <Legend placed={stages.flatMap(({ members }) => members)} letters={short?.letters ?? []} />
    </section>
  );
}

/** Solid as far as the stage is committed, pale as far as it is set. */
function StageLine({ stage: { members, done, set } }: { stage: Stage }) {
  const share = (count: number) => `${(100 * count) / Math.max(1, members.length)}%`;
  return (
    <span aria-hidden="true" className="relative mb-2.5 block h-[3px] bg-line-2 phone:hidden">
      <span className="absolute inset-y-0 left-0 bg-accent-line" style={{ width: share(set) }} />
      <span className="absolute inset-y-0 left-0 bg-accent" style={{ width: share(done) }} />
    </span>
  );
}

function Legend({ placed, letters }: { placed: Placed[]; letters: [letter: string, word: string][] }) {
  const kinds = new Map(placed.map(({ square }) => [square.word, square]));
  return (
    <p className="mt-2 flex flex-wrap gap-x-5 gap-y-1 text-second text-ink-2">
      {[...kinds.values()].sort(bySquare).map((square) => (
        <span key={square.word} className="inline-flex items-center gap-1.5 whitespace-nowrap">
          <UpdateShape state={square.shape} percent={50} size={14} />
          {square.word}
        </span>
      ))}
      {letters.length > 1 && (
        <span className="ml-auto text-ink-3 phone:hidden">{letters.map(([letter, word]) => `${letter} ${word}`).join(', ')}</span>
      )}
    </p>
  );
}

function StageTable({ stages }: { stages: Stage[] }) {
  const words = [
    ...new Set(
      stages
        .flatMap(({ members }) => [...members].map(({ square }) => square))
        .sort(bySquare)
        .map(({ word }) => word),
    ),
  ];
  return (
    <section aria-label="Devices by stage" className="relative overflow-x-auto border-line border-b">
      <Table label="Devices by stage and state">
        <HeadRow>
          <Head>Stage</Head>
          {words.map((word) => (
            <Head key={word} numeric>
              {word}
            </Head>
          ))}
        </HeadRow>
        <tbody>
          {stages.map(({ key, name, members }) => (
            <Row key={key}>
              <NameCell>{name}</NameCell>
              {words.map((word) => (
                <Cell key={word} numeric>
                  {members.filter(({ square }) => square.word === word).length}
                </Cell>
              ))}
            </Row>
          ))}
        </tbody>
      </Table>
    </section>
  );
}

function stagesOf({ spec, devices }: RolloutDetail): Stage[] {
  const last = spec.phases.length - 1;
  const stages = spec.phases.map((phase, index): Stage => {
    const own = devices.filter((device) => device.phase === index && !isOut(device));
    return { key: String(index), name: `${index + 1} ${stageName(phase, index, index === last)}`, ...membersOf(own) };
  });
  const out = devices.filter(isOut);
  if (out.length > 0) stages.push({ key: 'out', name: 'Left out', ...membersOf(out) });
  return stages.filter(({ members }) => members.length > 0);
}

/** Those that never had a turn; who was called off keeps its place. */
function isOut({ state, note, toldAt }: RolloutDeviceFacts): boolean {
  return state === 'skipped' && toldAt === null && note !== null;
}

function membersOf(devices: readonly RolloutDeviceFacts[]): Omit<Stage, 'key' | 'name'> {
  const members = devices.map((device) => ({ device, square: squareOf(device) })).sort((a, b) => bySquare(a.square, b.square));
  return {
    members,
    note: plural(devices.length, 'device'),
    done: devices.filter(({ state }) => state === 'committed').length,
    set: devices.filter(({ toldAt }) => toldAt !== null).length,
  };
}

function titleOf({ id, note, error }: RolloutDeviceFacts, { word }: Square): string {
  const why = error?.message ?? note;
  return `${id}: ${word}${why === null || why === '' ? '' : `, ${why}`}`;
}

function toneOf({ shape }: Square): string {
  if (['failed', 'refused', 'quarantined', 'waiting_offline'].includes(shape)) return 'text-bad';
  return shape === 'rolled_back' ? 'text-warn' : 'text-ink-3';
}
