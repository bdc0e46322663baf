/** @file Which row a session is, and how far its clock is off. */
import { ClockOffset } from './clock-offset.ts';
import type { Statements } from './statements.ts';

/** A smaller step of the estimate is jitter of the network, milliseconds. */
const worthKeepingMs = 20;
/** Sessions in memory; a fleet has one or two per device. The one opened first is forgotten, and read again when it speaks. */
const maxKept = 20_000;

export type OpenSession = {
  id: number;
  /** Device clock minus hub clock, milliseconds. */
  offsetMs: number;
};

type Entry = OpenSession & {
  /** Absent for a session that ended before we opened it: what it left behind was timed by the clock as it was then. */
  clock: ClockOffset | undefined;
  storedOffsetMs: number;
};

/** INVARIANT: used inside the writer's transactions only; forget() follows one that was rolled back. */
export class Sessions {
  private readonly entries = new Map<string, Entry>();
  private readonly sql: Statements;

  constructor(sql: Statements) {
    this.sql = sql;
  }

  /**
   * Opens the session, and creates its row, and its device's, where they are missing.
   * @param sentAt device clock when the message that names the session was sent
   * @param arrivedAt hub clock when it came
   */
  open(device: string, session: string, sentAt: number, arrivedAt: number): OpenSession {
    const key = `${device}/${session}`;
    let entry = this.entries.get(key);
    if (entry === undefined) {
      entry = this.load(device, session) ?? this.create(device, session, sentAt, arrivedAt);
      this.entries.set(key, entry);
      if (this.entries.size > maxKept) this.entries.delete(this.entries.keys().next().value ?? '');
    }
    if (entry.clock !== undefined) entry.offsetMs = entry.clock.observe(sentAt, arrivedAt);
    if (Math.abs(entry.offsetMs - entry.storedOffsetMs) > worthKeepingMs) {
      this.sql.setSessionClock.run(entry.offsetMs, entry.id);
      entry.storedOffsetMs = entry.offsetMs;
    }
    return entry;
  }

  forget(): void {
    this.entries.clear();
  }

  private load(device: string, session: string): Entry | undefined {
    const row = this.sql.findSession.get(device, session);
    if (row === undefined) return undefined;
    const stored = Number(row.clockOffsetMs);
    const living = this.sql.findDevice.get(device)?.session === session;
    return { id: Number(row.id), offsetMs: stored, storedOffsetMs: stored, clock: living ? new ClockOffset() : undefined };
  }

  private create(device: string, session: string, sentAt: number, arrivedAt: number): Entry {
    const offsetMs = sentAt - arrivedAt;
    this.sql.addDevice.run(device, arrivedAt);
    this.sql.addSession.run(device, session, arrivedAt, offsetMs);
    const id = Number(this.sql.findSession.get(device, session)?.id);
    return { id, offsetMs, storedOffsetMs: offsetMs, clock: new ClockOffset() };
  }
}
