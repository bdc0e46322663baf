/** @file What doctor finds, each thing as it must be and as it must not; and the commands on the built agent. */
import { readFile, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { missingLibrary, runtimeProviders } from '@alpharho/mobilenet-core/classify';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { checkCamera } from '../src/doctor/camera.ts';
import { checkDisk } from '../src/doctor/disk.ts';
import { type Finding, findingLines } from '../src/doctor/findings.ts';
import { checkHub } from '../src/doctor/hub.ts';
import { checkPlatform, type Platform } from '../src/doctor/platform.ts';
import { checkInference } from '../src/doctor/runtime.ts';
import { openCamera } from '../src/io/camera/open-camera.ts';
import { systemClock as clock } from '../src/io/system/clock.ts';
import { runAgent } from './support/agent-process.ts';
import { TestHub } from './support/hub.ts';
import { rememberedLog } from './support/logs.ts';
import { temporaryFolder } from './support/media.ts';
import { freePort } from './support/ports.ts';
import { model, newSetting, type Setting } from './support/setting.ts';
import { eventually, patience } from './support/wait.ts';

const verdicts = (findings: readonly Finding[]) => findings.map(({ name, verdict }) => `${name} ${verdict}`);

describe('doctor on the platform', () => {
  const good: Platform = { platform: 'linux', arch: 'arm64', release: '6.12', glibc: '2.36', node: '20.19.0' };

  it('takes what the libraries run on', () => {
    expect(verdicts(checkPlatform(good))).toEqual(['system ok', 'glibc ok', 'node ok']);
    expect(verdicts(checkPlatform({ ...good, arch: 'x64', glibc: '2.28', node: '24.0.1' }))).toEqual(['system ok', 'glibc ok', 'node ok']);
  });

  it('names what they do not run on, with a remedy', () => {
    const wrong: [Partial<Platform>, string, RegExp][] = [
      [{ arch: 'arm' }, 'system', /a program for arm, .*has none for it$/],
      [{ platform: 'darwin' }, 'system', /darwin is not Linux/],
      [{ glibc: '2.27' }, 'glibc', /2\.27 is older than 2\.28/],
      [{ glibc: undefined }, 'glibc', /not glibc \(musl\?\)/],
      [{ node: '18.20.4' }, 'node', /18\.20\.4 is older than 20\.19/],
      [{ node: '20.9.0' }, 'node', /20\.9\.0 is older than 20\.19/],
    ];
    for (const [change, name, message] of wrong) {
      const found = checkPlatform({ ...good, ...change }).filter(({ verdict }) => verdict === 'fail');
      expect(found).toEqual([expect.objectContaining({ name, message: expect.stringMatching(message), remedy: expect.any(String) })]);
    }
  });
});

describe('doctor on the runtime', () => {
  it('finds what classifies', async () => {
    const { name, verdict, message } = await checkInference(1);
    expect([name, verdict]).toEqual(['inference', 'ok']);
    expect(message).toMatch(/classified a frame of V1 0\.25×128 in [\d.]+ ms on cpu; /);
  });

  it('tells what the runtime lists from what runs here', async () => {
    const listed = runtimeProviders().filter((provider) => missingLibrary(provider) !== undefined);
    const { message } = await checkInference(1);
    const [, idle = ''] = message.split('listed by the runtime, and not running on this machine: ');
    for (const provider of listed) expect(idle).toContain(`${provider.name} (${missingLibrary(provider)} is not installed)`);
  });

  it('says how to install it again, as the documentation does', async () => {
    const { verdict, remedy = '' } = await checkInference(-1);
    expect(verdict).toBe('fail');
    const command = remedy.replace(/^.*: /, '');
    const documented = await readFile(new URL('../../../docs/agent.md', import.meta.url), 'utf8');
    expect(documented).toContain(`$ ${command}\n`);
  });
});

describe('doctor on the camera', () => {
  const look = (source: string) =>
    checkCamera(() =>
      openCamera({
        source,
        rate: undefined,
        loop: true,
        realtime: true,
        view: { rotate: 0, mirror: false },
        clock,
        random: Math.random,
        log: rememberedLog(),
      }),
    );

  it('waits for one frame', async () => {
    expect(await look('synthetic')).toMatchObject({
      name: 'camera',
      verdict: 'ok',
      message: expect.stringMatching(/^synthetic: a frame after \d+ ms$/),
    });
  });

  it('says why there is none', async () => {
    expect(await look('/nowhere/belt.mp4')).toMatchObject({
      verdict: 'fail',
      message: expect.stringContaining('/nowhere/belt.mp4 does not exist'),
    });
  });
});

describe('doctor on the disk', () => {
  it('writes, flushes and looks at the room', async () => {
    const { path, remove } = await temporaryFolder();
    expect(await checkDisk(join(path, 'data'), 1e6)).toMatchObject({
      verdict: 'ok',
      message: expect.stringMatching(/data: [\d.]+ GB free, 4 KB flushed in \d+ ms/),
    });
    expect(await checkDisk(path, 1e15)).toMatchObject({ verdict: 'warn', remedy: expect.stringContaining('--outbox-limit') });
    expect(await checkDisk('/proc/alpharho/data', 1e6)).toMatchObject({
      verdict: 'fail',
      message: expect.stringContaining('/proc/alpharho: no folder can be made there'),
    });
    await writeFile(join(path, 'file'), '');
    expect(await checkDisk(join(path, 'file'), 1e6)).toMatchObject({
      verdict: 'fail',
      message: expect.stringContaining('cannot be written'),
    });
    await remove();
  });
});

describe('doctor on the hub', () => {
  const modelsUrl = new URL('http://127.0.0.1:1/');
  const look = (hub: string) => checkHub({ hub, modelsUrl, clientId: 'pi-4-doctor' });

  it('goes step by step as far as it comes', async () => {
    const hub = await TestHub.start();
    expect(verdicts(await look(hub.url))).toEqual(['hub name ok', 'hub port ok', 'hub broker ok', 'hub models warn']);
    expect(hub.heard.presence).toEqual([]);
    await hub.kill();
    expect(verdicts(await look(hub.url))).toEqual(['hub name ok', 'hub port fail']);
    await hub.listen({ refuses: true });
    const refused = await look(hub.url);
    expect(verdicts(refused)).toEqual(['hub name ok', 'hub port ok', 'hub broker fail']);
    expect(refused.at(-1)?.remedy).toContain('check user and password');
    await hub.kill();
    expect(verdicts(await look('mqtt://no-such-hub.invalid:1883'))).toEqual(['hub name fail']);
  });

  it('is not taken in by another program on the port', { timeout: 30_000 * patience }, async () => {
    const server = createServer((socket) =>
      socket.on('data', () => socket.end('HTTP/1.1 400 Bad Request\r\n\r\n')).on('error', () => undefined),
    );
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const address = server.address();
    const found = await look(`mqtt://127.0.0.1:${typeof address === 'object' ? address?.port : 0}`);
    expect(verdicts(found)).toEqual(['hub name ok', 'hub port ok', 'hub broker fail']);
    expect(found.at(-1)?.remedy).toContain('no MQTT broker');
    await new Promise((resolve) => server.close(resolve));
  });
});

it('doctor prints each finding with its remedy below', () => {
  expect(findingLines([{ name: 'clock', verdict: 'warn', message: 'it lies', remedy: 'set it' }])).toEqual([
    'warn  clock       it lies',
    '                  → set it',
  ]);
});

describe('the commands', () => {
  let setting: Setting;
  beforeEach(async () => {
    setting = await newSetting([]);
  });
  afterEach(() => setting.end());

  it('status tells a running agent from none, for people and for programs', { timeout: 60_000 * patience }, async () => {
    const free = await freePort();
    const ask = async (...args: string[]) => {
      const asked = runAgent(['status', '--status-port', String(free), ...args]);
      return [await asked.exited, asked.log()] as const;
    };
    expect(await ask()).toEqual([3, expect.stringContaining(`no agent runs here: nothing listens on 127.0.0.1:${free}`)]);
    const agent = setting.run(['--model', await setting.file(model(64)), '--status-port', String(free)]);
    await eventually('results', () => setting.hub.rows().length > 0);
    expect(await ask()).toEqual([0, expect.stringMatching(/^alpharho-agent \d.* as pi-4, process \d+: all is well\n/)]);
    await setting.hub.kill();
    await agent.says(/out of reach/);
    expect(await ask()).toEqual([1, expect.stringContaining('! hub: not connected')]);
    expect((await ask('--live'))[0]).toBe(0);
    const [, json] = await ask('--json');
    expect(JSON.parse(json)).toMatchObject({ pid: agent.child.pid, hub: { connected: false }, health: { live: true, ready: false } });
  });

  it('help is there for each, and a slip is answered with what was meant', async () => {
    const help = runAgent(['--help']);
    expect(await help.exited).toBe(0);
    for (const command of ['run', 'doctor', 'cameras', 'bench', 'enroll', 'status', 'config'])
      expect(help.log()).toMatch(new RegExp(`^  ${command}\\b`, 'm'));
    const slip = runAgent(['docter']);
    expect(await slip.exited).toBe(2);
    expect(slip.log()).toContain('(Did you mean doctor?)');
  });
});
