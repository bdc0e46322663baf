/** @file A variant that a real agent was given at its start: it serves at once, and is measured while it does. */
import { afterEach, expect, it } from 'vitest';
import { expectEveryFrame } from './support/account.ts';
import { runAgent } from './support/agent-process.ts';
import { model, newSetting, type Setting } from './support/setting.ts';
import { eventually, patience } from './support/wait.ts';

let setting: Setting | undefined;
afterEach(async () => setting?.end());

it('serves first, is measured afterwards, and loses no frame over it', { timeout: 90_000 * patience }, async () => {
  const first = model(96);
  setting = await newSetting([first]);
  const { hub, server, dataDir, file } = setting;
  const start = (args: string[] = []) =>
    runAgent([
      ...['run', '--camera', 'synthetic:inspection?seed=1&rate=10', '--hub', hub.url, '--id', 'pi-4', '--status-port', '0'],
      ...['--models-url', server.url.href, '--data-dir', dataDir, ...args],
    ]);
  const ways = () => hub.heard.reported.flatMap(({ message }) => message.inference ?? []);
  const given = ['--model', await file(first)];
  const agent = start(given);
  await eventually('a first report', () => ways().length > 0, 20_000);
  expect(ways()[0]).toMatchObject({ tuned: false });
  expect(ways()[0]?.reason).toBeUndefined();
  // A machine that others keep busy is not measured, and that is told instead.
  const outcome = await eventually('what became of it', () => ways().find(({ tuned, reason }) => tuned || reason !== undefined), 40_000);
  if (!outcome.tuned) expect(outcome.reason).toMatch(/^not tuned: .*it is tried again later$/);
  const then = hub.history.size;
  await eventually('results after it', () => hub.history.size > then + 20);
  expect(await agent.stop()).toBe(0);
  expectEveryFrame(hub);
  const told = hub.heard.events.map(({ message }) => message).filter(({ id }) => id === 'inference.settings');
  expect(told.map(({ detail }) => detail?.tuned)).toEqual([false, outcome.tuned]);
  const before = hub.heard.reported.length;
  start(given);
  const again = await eventually('a report of the next start', () => hub.heard.reported[before]?.message.inference, 20_000);
  expect(again.tuned).toBe(outcome.tuned);
});
