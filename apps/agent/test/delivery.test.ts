/** @file Nothing lost, nothing twice: real agent, real broker, real outbox, and the connection and the processes die. */
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { expectEveryFrame, unseen } from './support/account.ts';
import { outboxHolds } from './support/metrics.ts';
import { freePort } from './support/ports.ts';
import { type Model, model, newSetting, type Setting } from './support/setting.ts';
import { eventually, isSlow, patience } from './support/wait.ts';

const small: Model = model(64);
let setting: Setting;
beforeEach(async () => {
  setting = await newSetting([small]);
});
afterEach(() => setting.end());

const upTo = (count: number) => Array.from({ length: count }, (_, index) => index + 1);

describe('results', () => {
  it('of the time without a broker are in the history exactly once, in order', { timeout: 60_000 * patience }, async () => {
    const { hub, run, file } = setting;
    const port = await freePort();
    const agent = run(['--model', await file(small), '--status-port', String(port)]);
    await eventually('first results', () => hub.history.size >= 10);
    const cutAt = Date.now();
    await hub.kill();
    const before = hub.history.size;
    await agent.says(/out of reach/);
    await outboxHolds(port, 40);
    const backAt = Date.now();
    await hub.listen();
    await eventually('results of after the cut', () => hub.rows().some(({ at }) => at > backAt + 1000), 40_000);
    expect(await agent.stop()).toBe(0);
    const rows = hub.rows();
    expect(rows.map(({ seq }) => seq)).toEqual(upTo(rows.length));
    expectEveryFrame(hub);
    expect(rows.filter(({ at }) => at > cutAt && at < backAt).length).toBeGreaterThan(isSlow ? 10 : 30);
    expect(rows.length).toBeGreaterThan(before + 30);
  });

  it('of a time when the hub did not commit are sent again under the same numbers', { timeout: 60_000 * patience }, async () => {
    const { hub, run, file } = setting;
    hub.acknowledges = false;
    const agent = run(['--model', await file(small)]);
    await eventually('results that nobody commits', () => hub.heard.results.length >= 3);
    hub.acknowledges = true;
    await agent.says(/does not acknowledge results/);
    await eventually('the history', () => hub.history.size > 50, 40_000);
    expect(await agent.stop()).toBe(0);
    const rows = hub.rows();
    expect(rows.map(({ seq }) => seq)).toEqual(upTo(rows.length));
  });

  it('older than a second survive SIGKILL, and come later under the session that they were born in', {
    timeout: 60_000 * patience,
  }, async () => {
    const { hub, run, file } = setting;
    hub.acknowledges = false;
    const path = await file(small);
    const first = run(['--model', path]);
    await eventually('a few seconds of results', () => hub.heard.results.flatMap(({ message }) => message.results).length >= 30);
    first.child.kill('SIGKILL');
    await first.exited;
    const offered = hub.heard.results.map(({ message }) => message.results.at(-1)?.seq ?? 0);
    const ends = [...new Set(offered)].toSorted((a, b) => a - b);
    hub.acknowledges = true;
    const second = run(['--model', path]);
    const [session] = hub.heard.results.map(({ message }) => message.session);
    await eventually('results of the second session', () => hub.rows().some((row) => row.session !== session));
    // Offered once a second: what is missing is at most the last second, and the moment in which it was written.
    const surely = ends.at(-3) ?? 0;
    expect(surely).toBeGreaterThan(0);
    await eventually('the rest of the first session', () => hub.rows(session).length >= surely);
    expect(await second.stop()).toBe(0);
    const rows = hub.rows(session);
    expect(rows.map(({ seq }) => seq)).toEqual(upTo(rows.length));
    const states = hub.heard.presence.map(({ message }) =>
      `${message.session === session ? 'first' : 'second'} ${message.state} ${message.reason ?? ''}`.trim(),
    );
    expect(states).toEqual(['first online', 'first offline lost', 'second online', 'second offline stopped']);
  });

  it('are kept while there is no broker yet', { timeout: 60_000 * patience }, async () => {
    const { hub, run, file } = setting;
    await hub.kill();
    const port = await freePort();
    const agent = run(['--model', await file(small), '--status-port', String(port)]);
    await agent.says(/out of reach/);
    await outboxHolds(port, 25);
    await hub.listen();
    await eventually('the history', () => hub.history.size > 30, 40_000);
    expect(await agent.stop()).toBe(0);
    expect(hub.rows().map(({ seq }) => seq)).toEqual(upTo(hub.history.size));
    expect(agent.log().match(/out of reach/g)).toHaveLength(1);
  });

  it('come with telemetry about the same frames', { timeout: 60_000 * patience }, async () => {
    const { hub, run, file } = setting;
    const agent = run(['--model', await file(small), '--top', '2']);
    await eventually('results', () => hub.history.size >= 20);
    expect(await agent.stop()).toBe(0);
    const windows = hub.heard.telemetry.map(({ message }) => message);
    const classified = windows.reduce((sum, { frames }) => sum + frames.classified, 0);
    expect(classified).toBe(hub.history.size);
    expect(windows.every(({ variant }) => variant === small.variant.sha256)).toBe(true);
    expect(hub.rows().every(({ top }) => top.length === 2)).toBe(true);
  });

  it('of two agents with one name are neither lost nor doubled, and both say what is wrong', { timeout: 90_000 * patience }, async () => {
    const { hub, run, file, folder } = setting;
    const model = await file(small);
    const places = [join(folder, 'one'), join(folder, 'two')];
    const agents = places.map((place) => run(['--model', model, '--data-dir', place]));
    for (const agent of agents) await agent.says(/another agent calls itself pi-4/);
    await eventually(
      'results of both',
      () => sessions().every((session) => hub.rows(session).length > 5) && sessions().length === 2,
      60_000,
    );
    for (const agent of agents) expect(await agent.stop()).toBe(0);
    // Each session stands in one of the two outboxes.
    for (const session of sessions()) {
      const missing = await Promise.all(places.map((place) => unseen(hub, place, session)));
      expect(missing).toContainEqual([]);
      const seqs = hub.rows(session).map(({ seq }) => seq);
      expect(seqs).toEqual([...new Set(seqs)]);
    }

    function sessions(): string[] {
      return [...new Set(hub.rows().map((row) => row.session))];
    }
  });
});
