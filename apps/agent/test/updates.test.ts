/** @file Another variant, pushed to a real agent: fetched, checked, warmed up, switched between two frames, kept over restarts. */
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { expectEveryFrame } from './support/account.ts';
import type { AgentProcess } from './support/agent-process.ts';
import { hasFfmpeg, makeVideo } from './support/media.ts';
import { framesLost } from './support/metrics.ts';
import { freePort } from './support/ports.ts';
import { type Model, model, newSetting, type Setting } from './support/setting.ts';
import { eventually, isSlow, patience } from './support/wait.ts';

const small: Model = model(64);
const twin: Model = model(64, 2);
const large: Model = model(96);
let setting: Setting;
beforeEach(async () => {
  setting = await newSetting([small, twin, large]);
});
afterEach(() => setting.end());

const serves = ({ variant }: Model) => `variant ${variant.sha256.slice(0, 12)}`;
const committed = async (wanted: Model) =>
  eventually('the commit', () => {
    const reported = setting.lastReported();
    return reported?.phase === 'committed' && reported.serving.sha256 === wanted.variant.sha256;
  });

/** Every frame is accounted for, in order, each by the variant that the history says. Ends the agent. */
async function expectSeamless(agent: AgentProcess, order: Model[]): Promise<void> {
  const { hub } = setting;
  await eventually('a result of the last variant', () => hub.rows().at(-1)?.sha256 === order.at(-1)?.variant.sha256);
  expect(await agent.stop()).toBe(0);
  expectEveryFrame(hub);
  const rows = hub.rows();
  const changes = rows.filter(({ sha256 }, index) => sha256 !== rows[index - 1]?.sha256).map(({ sha256 }) => sha256);
  expect(changes).toEqual(order.map(({ variant }) => variant.sha256));
}

describe('a swap under 10 frames a second', () => {
  it('loses no frame, to another size and to the same', { timeout: 60_000 * patience }, async () => {
    const { hub, run, file, desire } = setting;
    const port = await freePort();
    const agent = run(['--model', await file(small), '--status-port', String(port)]);
    await eventually('results', () => hub.history.size >= 5);
    const lost = await framesLost(port);
    desire(large, 1);
    await committed(large);
    desire(small, 2);
    await committed(small);
    desire(twin, 3);
    await committed(twin);
    if (!isSlow) expect(await framesLost(port)).toBe(lost);
    await expectSeamless(agent, [small, large, small, twin]);
    const phases = hub.heard.reported.map(({ message }) => message.phase).filter((phase, index, all) => phase !== all[index - 1]);
    const walk = ['downloading', 'verifying', 'staged', 'warming', 'switching', 'probation', 'committed'];
    expect(phases).toEqual(['idle', ...walk, ...walk, ...walk]);
  });

  it.skipIf(!hasFfmpeg || isSlow)('leaves no gap on a video either', { timeout: 60_000 * patience }, async () => {
    const { hub, run, file, desire, folder } = setting;
    const video = await makeVideo(join(folder, 'belt.mp4'), 4);
    const port = await freePort();
    const agent = run(['--model', await file(small), '--camera', video, '--rate', '10', '--status-port', String(port)]);
    await eventually('results', () => hub.history.size >= 5);
    const lost = await framesLost(port);
    desire(large, 1);
    await committed(large);
    expect(await framesLost(port)).toBe(lost);
    await expectSeamless(agent, [small, large]);
  });
});

describe('a variant', () => {
  it('that the hub desired serves after a restart without any hub, before --model', { timeout: 60_000 * patience }, async () => {
    const { hub, run, file, desire } = setting;
    const first = run(['--model', await file(small)]);
    await eventually('results', () => hub.history.size >= 2);
    desire(large, 1);
    await committed(large);
    expect(await first.stop()).toBe(0);
    await hub.kill();
    const second = run(['--model', await file(small)]);
    await second.says(new RegExp(`serving ${serves(large)}, committed earlier.*; --model .* is not used`));
    expect(await second.stop()).toBe(0);
    const third = run();
    await third.says(new RegExp(`serving ${serves(large)}`));
    expect(await third.stop()).toBe(0);
  });

  it('is not fetched again where it serves, also after a restart', { timeout: 60_000 * patience }, async () => {
    const { hub, run, desire, server } = setting;
    desire(large, 1);
    const first = run();
    await first.says(/waiting for the hub to desire one/);
    await committed(large);
    expect(await first.stop()).toBe(0);
    hub.heard.reported.length = 0;
    const second = run();
    await eventually('a report', () => hub.heard.reported.length > 0);
    await eventually('results', () => hub.rows().length > 25);
    expect(await second.stop()).toBe(0);
    expect(new Set(hub.heard.reported.map(({ message }) => message.phase))).toEqual(new Set(['committed']));
    expect(server.ranges).toHaveLength(1);
  });

  it('whose bytes are not as promised is refused, and the one before serves on', { timeout: 60_000 * patience }, async () => {
    const { hub, run, file, desire, server, dataDir, lastReported } = setting;
    server.misbehaviour.bytes = Buffer.alloc(large.bytes.length, 1);
    const agent = run(['--model', await file(small)]);
    await eventually('results', () => hub.history.size >= 5);
    desire(large, 1);
    await eventually('the refusal', () => lastReported()?.outcome === 'refused');
    expect(lastReported()).toMatchObject({
      phase: 'failed',
      lastError: { code: 'digest_mismatch' },
      serving: { sha256: small.variant.sha256 },
    });
    const count = hub.history.size;
    await eventually('more results', () => hub.history.size > count + 10);
    await expectSeamless(agent, [small]);
    expect(await readdir(join(dataDir, 'models'))).toEqual([]);
  });

  it('that is no variant at all is refused', { timeout: 60_000 * patience }, async () => {
    const { run, file, hub, server, lastReported, desire } = setting;
    const { createHash } = await import('node:crypto');
    const bytes = Buffer.from('an honest digest of something that is no model');
    const sha256 = createHash('sha256').update(bytes).digest('hex');
    server.misbehaviour.bytes = bytes;
    const agent = run(['--model', await file(small)]);
    await eventually('results', () => hub.history.size >= 2);
    desire({ bytes, variant: { ...large.variant, sha256, bytes: bytes.length } }, 1);
    await eventually('the refusal', () => lastReported()?.outcome === 'refused');
    expect(lastReported()?.lastError?.code).toBe('model_corrupt');
    expect(await agent.stop()).toBe(0);
  });

  it('that is desired while another one is on its way takes over at once', { timeout: 60_000 * patience }, async () => {
    const { run, file, hub, desire, server, lastReported } = setting;
    server.misbehaviour.hangs = true;
    const agent = run(['--model', await file(small)]);
    await eventually('results', () => hub.history.size >= 2);
    desire(large, 1);
    // Called off before it asked, the first download would never show at the server.
    await eventually('the download', () => server.ranges.length === 1);
    server.misbehaviour.hangs = false;
    desire(twin, 2);
    // The first download still hangs.
    await eventually('the newer one', () => server.ranges.length >= 2);
    await committed(twin);
    expect(lastReported()?.revision).toBe(2);
    expect(await agent.stop()).toBe(0);
  });

  it('that is being tried when the process is killed is tried again', { timeout: 60_000 * patience }, async () => {
    const { run, file, hub, desire, lastReported } = setting;
    const path = await file(small);
    const first = run(['--model', path]);
    await eventually('results', () => hub.history.size >= 2);
    desire(large, 1);
    await eventually('probation', () => lastReported()?.phase === 'probation');
    first.child.kill('SIGKILL');
    await first.exited;
    const second = run(['--model', path]);
    await second.says(/serving .*onnx/);
    await committed(large);
    expect(await second.stop()).toBe(0);
  });
});
