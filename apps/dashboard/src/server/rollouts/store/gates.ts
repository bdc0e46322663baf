/** @file The gates of a rollout: what they are told, read from the database, and what they said, written down. */
import type { Database, Prisma } from '@alpharho/db';
import { reportedSchema } from '@alpharho/protocol';
import { servesNew } from '../engine/move-on.ts';
import type { GateWord, Snapshot } from '../engine/snapshot.ts';
import { spansOf } from '../gates/cohort.ts';
import type { ControlDevice, ShadowReport, TreatedDevice, Verdict } from '../gates/input.ts';
import { judge, summarise } from '../gates/judge.ts';
import type { GateWindows } from '../gates/load-windows.ts';
import type { LoadedRollout } from './load.ts';
import type { Transaction } from './write.ts';

export type Judged = { readonly word: GateWord; readonly verdicts: readonly Verdict[] };

/** Devices of a hardware class that were not changed; more make a comparison little better. */
const mostControls = 50;

export async function judgeGates(db: Database, loaded: LoadedRollout, windows: GateWindows, now: number): Promise<Judged> {
  const { gates } = loaded.spec;
  const treated = treatedOf(loaded.snapshot);
  const control = await controlOf(db, loaded, new Set(treated.map(({ hardwareClass }) => hardwareClass)));
  const devices = [...treated, ...control].map(({ device }) => device);
  const telemetry = await windows.read(db, { devices, spans: spansOf(treated, gates, now) });
  const verdicts = judge({ now, treated, control, windows: telemetry, shadows: shadowsOf(loaded.snapshot), gates });
  return { verdicts, word: toWord(verdicts) };
}

/** On which the new variant serves. */
export function treatedOf({ progress, tracks }: Snapshot): TreatedDevice[] {
  return Object.entries(tracks).flatMap(([device, track]) => {
    const known = progress.devices[device];
    const { hardwareClass, toldAt, switchedAt } = track;
    if (known === undefined || toldAt === null || switchedAt === null || !servesNew({ state: known.state, track })) return [];
    return { device, hardwareClass: hardwareClass ?? unknownClass, variant: known.variant, toldAt, switchedAt };
  });
}

const unknownClass = 'unknown';

export function shadowsOf({ tracks }: Snapshot): ShadowReport[] {
  return Object.entries(tracks).flatMap(([device, { hardwareClass, shadow, switchedAt }]) => {
    const found = shadow === null ? undefined : reportedSchema.shape.shadow.parse(JSON.parse(shadow));
    if (found === undefined || switchedAt === null) return [];
    const { frames, agreement = null } = found;
    return { device, hardwareClass: hardwareClass ?? unknownClass, at: switchedAt, frames, agreement };
  });
}

/** Who was told nothing: those who wait for their turn, and those outside of the targets. */
async function controlOf(db: Database, { id, snapshot }: LoadedRollout, classes: ReadonlySet<string>): Promise<ControlDevice[]> {
  const outside: Prisma.DeviceWhereInput = {
    hardwareClass: { in: [...classes] },
    presence: 'online',
    rollouts: { none: { rolloutId: id } },
  };
  const rows = await db.device.findMany({ where: outside, select: { id: true, hardwareClass: true }, orderBy: { id: 'asc' } });
  const all = [...waitingOf(snapshot), ...rows.map((row) => ({ device: row.id, hardwareClass: row.hardwareClass ?? unknownClass }))];
  return [...classes].flatMap((name) => all.filter(({ hardwareClass }) => hardwareClass === name).slice(0, mostControls));
}

/** Those in the rollout that were told nothing yet. */
export function waitingOf({ tracks }: Snapshot): ControlDevice[] {
  return Object.entries(tracks).flatMap(([device, { toldAt, hardwareClass }]) =>
    toldAt === null && hardwareClass !== null ? { device, hardwareClass } : [],
  );
}

export function toWord(verdicts: readonly Verdict[]): GateWord {
  const outcome = summarise(verdicts);
  const deciding = verdicts.find(({ verdict }) => verdict === outcome);
  return { outcome, why: deciding === undefined ? 'The gates have nothing to judge' : `${deciding.hardwareClass}: ${deciding.reason}` };
}

/** One that says what the latest of its kind said takes its place; so the rows tell what changed, and how it stands. */
export async function writeVerdicts(
  tx: Transaction,
  { id, snapshot }: LoadedRollout,
  verdicts: readonly Verdict[],
  now: number,
): Promise<void> {
  const { phase } = snapshot.progress;
  const kept = await tx.rolloutVerdict.findMany({
    where: { rolloutId: id, phase },
    select: { id: true, metric: true, against: true, hardwareClass: true, verdict: true },
    orderBy: { id: 'asc' },
  });
  const latest = new Map(kept.map((row) => [kindOf(row), row]));
  for (const verdict of verdicts) {
    const standing = latest.get(kindOf(verdict));
    const data = toRow(verdict, now);
    if (standing?.verdict === verdict.verdict) await tx.rolloutVerdict.update({ where: { id: standing.id }, data, select: { id: true } });
    else await tx.rolloutVerdict.create({ data: { ...data, rolloutId: id, phase }, select: { id: true } });
  }
}

function kindOf({ metric, against, hardwareClass }: { metric: string; against: string; hardwareClass: string }): string {
  return `${metric} ${against} ${hardwareClass}`;
}

function toRow({ from, to, reason, ...verdict }: Verdict, now: number) {
  return { ...verdict, at: new Date(now), windowStart: new Date(from), windowEnd: new Date(to), message: reason };
}
