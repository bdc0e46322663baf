/**
 * @file Time for tests that cannot wait for it. Gates want minutes of telemetry before and after a switch; what agents have really
 * measured is repeated until there are as many, and what was written down moves into the past by the same time.
 */
import type { Database } from '@alpharho/db';

const windowMs = 10_000;
const minuteMs = 60_000;
/** Sequence numbers that no agent gets to within a test: copies. */
const copies = 1_000_000;

/** Gives the devices a past of so many minutes, like the time since they were started. */
export async function repeatBackwards(db: Database, devices: readonly string[], minutes: number): Promise<void> {
  for (const device of devices) {
    const [first] = await windowsOf(db, device);
    if (first === undefined) throw new Error(`${device} has sent no telemetry`);
    await repeat(db, device, first.start.getTime() - minutes * minuteMs, first.start.getTime());
  }
}

/** As if so many minutes had gone by just now, in which each device went on as in its last window. The hub must be stopped. */
export async function letTimePass(db: Database, devices: readonly string[], minutes: number): Promise<void> {
  const by = minutes * minuteMs;
  await db.$executeRaw`UPDATE TelemetryWindow SET start = start - ${by}, "end" = "end" - ${by}`;
  await db.$executeRaw`UPDATE RolloutDevice SET toldAt = toldAt - ${by}, switchedAt = switchedAt - ${by}, committedAt = committedAt - ${by}`;
  await db.$executeRaw`UPDATE Rollout SET stateAt = stateAt - ${by}, phaseAt = phaseAt - ${by}, soakAt = soakAt - ${by}, judgeAt = NULL`;
  for (const device of devices) {
    const last = (await windowsOf(db, device)).at(-1);
    if (last !== undefined) await repeat(db, device, last.end.getTime(), last.end.getTime() + by, last);
  }
}

/** What the agent itself has counted. */
export async function telemetryOf(db: Database, device: string): Promise<{ classified: number; dropped: number }> {
  const real = { deviceId: device, seq: { lt: copies } };
  const { _sum } = await db.telemetryWindow.aggregate({ where: real, _sum: { classified: true, dropped: true } });
  return { classified: _sum.classified ?? 0, dropped: _sum.dropped ?? 0 };
}

type Window = Awaited<ReturnType<typeof windowsOf>>[number];

/** Whole ones that the agent has sent: the first and the last of a variant may be shorter. */
async function windowsOf(db: Database, deviceId: string) {
  const rows = await db.telemetryWindow.findMany({ where: { deviceId, seq: { lt: copies } }, orderBy: { start: 'asc' } });
  return rows.filter(({ start, end }) => end.getTime() - start.getTime() > windowMs / 2);
}

async function repeat(db: Database, deviceId: string, from: number, to: number, like?: Window): Promise<void> {
  const source = like ?? (await windowsOf(db, deviceId)).at(-1);
  if (source === undefined) return;
  const length = source.end.getTime() - source.start.getTime();
  const taken = await db.telemetryWindow.count({ where: { deviceId, seq: { gte: copies } } });
  const count = Math.floor((to - from) / length);
  const data = Array.from({ length: count }, (_, index) => ({
    ...source,
    seq: copies + taken + index,
    start: new Date(from + index * length),
    end: new Date(from + (index + 1) * length),
  }));
  await db.telemetryWindow.createMany({ data });
}
