/** @file What each kind of message does to the database; events and snapshots have a file of their own. */
import type { SqlValue } from '@alpharho/db';
import { hardwareClass, type Presence, type Reported, type Results, type Telemetry, type Variant, variantLabel } from '@alpharho/protocol';
import { applyEvent, applySnapshot } from './apply-events.ts';
import { correct } from './clock-offset.ts';
import type { Message } from './decode.ts';
import type { Incoming } from './incoming.ts';
import { appendResult, lastResult, orNull, variantValues, windowFacts } from './rows.ts';
import type { OpenSession, Sessions } from './sessions.ts';
import { type PresenceBefore, presenceStory, reportedStory } from './story.ts';
import type { UnitOfWork } from './unit-of-work.ts';

export type From = Pick<Incoming, 'device' | 'arrivedAt'>;

export function apply(work: UnitOfWork, sessions: Sessions, from: From, message: Message): void {
  if (message.topic === 'results') applyResults(work, sessions, from, message.value);
  else if (message.topic === 'telemetry') applyTelemetry(work, sessions, from, message.value);
  else if (message.topic === 'events') applyEvent(work, sessions, from, message.value);
  else if (message.topic === 'snapshot') applySnapshot(work, sessions, from, message.value);
  else if (message.topic === 'reported') applyReported(work, sessions, from, message.value);
  else if (message.value.state === 'online') applyBirth(work, sessions, from, message.value);
  else applyEnd(work, from, message.value);
}

function presenceOf(work: UnitOfWork, device: string): PresenceBefore | undefined {
  const row = work.sql.findDevice.get(device);
  return row && { presence: String(row.presence), session: row.session as string | null };
}

function applyBirth(work: UnitOfWork, sessions: Sessions, { device, arrivedAt }: From, message: Presence): void {
  const { sql } = work;
  const before = presenceOf(work, device);
  const news = presenceStory(before, message);
  sql.addDevice.run(device, arrivedAt);
  sql.setOnline.run(message.session, arrivedAt, device);
  if (before?.session !== message.session) sql.forgetCamera.run(device);
  const session = sessions.open(device, message.session, message.at, arrivedAt);
  if (message.agent !== undefined) {
    const { version, camera, hardware } = message.agent;
    const { model, arch, cores, memoryBytes } = hardware;
    sql.setAgent.run(version, camera, model, arch, cores, memoryBytes, hardwareClass(hardware), device);
  }
  if (news !== undefined) work.tell(device, arrivedAt, news);
  work.raise('updates');
  work.touch(device, arrivedAt, session.offsetMs);
}

function applyEnd(work: UnitOfWork, { device, arrivedAt }: From, message: Presence): void {
  const news = presenceStory(presenceOf(work, device), message);
  if (news === undefined) return;
  work.sql.setOffline.run(message.reason ?? 'lost', arrivedAt, device);
  work.tell(device, arrivedAt, news);
  work.raise('updates');
}

function applyReported(work: UnitOfWork, sessions: Sessions, from: From, message: Reported): void {
  const { sql } = work;
  const { device, arrivedAt } = from;
  const session = sessions.open(device, message.session, message.at, arrivedAt);
  const before = sql.findDevice.get(device);
  // What an earlier run of the agent said of itself is no longer so.
  if (before === undefined || (before.session !== null && before.session !== message.session)) return;

  if (sql.addVariant.run(...variantValues(message.serving, arrivedAt)) > 0) work.raise('variants');
  const target = before.desiredRevision === message.revision ? nameOf(work, before.desiredId) : undefined;
  const names = { serving: variantLabel(message.serving), previous: nameOf(work, before.servingId), target };
  const then = { servingId: before.servingId as string | null, phase: String(before.phase), seenRevision: Number(before.seenRevision) };
  for (const news of reportedStory(then, message, names)) work.tell(device, arrivedAt, news);
  if (then.servingId !== message.serving.sha256) work.raise('variants');

  const at = (time: number) => correct(time, session.offsetMs, arrivedAt);
  const error = message.lastError;
  const { since: governorSince, ...governor } = message.governor ?? {};
  sql.setReported.run(
    message.serving.sha256,
    at(message.servingSince),
    message.phase,
    at(message.phaseSince),
    message.progress ?? null,
    message.outcome ?? null,
    error?.code ?? null,
    error?.message ?? null,
    error === undefined ? null : at(error.at),
    message.revision,
    orNull(message.inference),
    orNull(message.governor && governor),
    governorSince === undefined ? null : at(governorSince),
    Number(message.held ?? false),
    orNull(message.quarantined),
    orNull(message.shadow),
    message.keys?.version ?? null,
    device,
  );
  work.raise('updates');
  work.touch(device, arrivedAt, session.offsetMs);
}

function applyResults(work: UnitOfWork, sessions: Sessions, from: From, batch: Results): void {
  const session = sessions.open(from.device, batch.session, batch.sentAt, from.arrivedAt);
  const context = { device: from.device, arrivedAt: from.arrivedAt, session };
  let next = 0;
  for (const { rows, run } of work.sql.addResults) {
    for (; next + rows <= batch.results.length; next += rows) {
      const values: SqlValue[] = [];
      for (const result of batch.results.slice(next, next + rows)) appendResult(values, result, batch, context);
      run(...values);
    }
  }
  const touched = work.touch(from.device, from.arrivedAt, session.offsetMs);
  const last = lastResult(batch, context);
  if (last.at >= (touched.result?.at ?? 0)) touched.result = last;
  const first = batch.results[0]?.seq ?? 1;
  work.acknowledge(from.device, { stream: 'results', session: batch.session, from: first, to: first + batch.results.length - 1 });
}

function applyTelemetry(work: UnitOfWork, sessions: Sessions, from: From, window: Telemetry): void {
  const session: OpenSession = sessions.open(from.device, window.session, window.sentAt, from.arrivedAt);
  const facts = windowFacts(window, { device: from.device, arrivedAt: from.arrivedAt, session });
  work.sql.addWindow.run(...facts.row);
  work.touch(from.device, from.arrivedAt, session.offsetMs);
  // Each, not the last of a commit alone: since when the board is throttled is told by the first of them.
  work.sql.setLastWindow.run(...facts.last);
  work.acknowledge(from.device, { stream: 'telemetry', session: window.session, from: window.seq, to: window.seq });
}

function nameOf(work: UnitOfWork, id: string | number | null | undefined): string | undefined {
  const row = typeof id === 'string' ? work.sql.findVariant.get(id) : undefined;
  if (row === undefined) return undefined;
  const { family, precision } = row as Pick<Variant, 'family' | 'precision'>;
  return variantLabel({ family, alpha: Number(row.alpha), rho: Number(row.rho), precision });
}
