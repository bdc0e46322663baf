/** @file The agent under systemd: the unit by systemd's own tools, and the signs of life of the built agent on a real notification socket. */
import { type ChildProcess, execFileSync, spawn, spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Watchdog } from '../src/runtime/watchdog.ts';
import { startFakeAgent } from './support/fake-agent.ts';
import { model, newSetting, type Setting } from './support/setting.ts';
import { variant } from './support/variants.ts';
import { eventually, patience } from './support/wait.ts';

const unitFile = fileURLToPath(new URL('../systemd/alpharho-agent.service', import.meta.url));
const installScript = fileURLToPath(new URL('../install.sh', import.meta.url));
const has = (program: string, flag = '--version') => spawnSync(program, [flag]).status === 0;

describe.skipIf(!has('systemd-analyze'))('the unit', () => {
  it('is one that systemd takes, without a word', async () => {
    // The program is not installed here, and systemd looks for it.
    const folder = execFileSync('mktemp', ['-d'], { encoding: 'utf8' }).trim();
    const file = join(folder, 'alpharho-agent.service');
    const unit = (await readFile(unitFile, 'utf8')).replace(/^ExecStart=.*$/m, 'ExecStart=/bin/true');
    await writeFile(file, unit);
    const { status, stderr } = spawnSync('systemd-analyze', ['verify', file], { encoding: 'utf8' });
    expect([status, stderr]).toEqual([0, '']);
  });

  it('is exposed no more than what a camera and a network need', () => {
    const { status, stdout } = spawnSync('systemd-analyze', ['security', '--offline=true', '--threshold=20', unitFile], {
      encoding: 'utf8',
    });
    expect(stdout).toMatch(/Overall exposure level for alpharho-agent\.service: \d\.\d OK/);
    expect(status).toBe(0);
  });
});

describe('the install script', () => {
  const install = (...args: string[]) => spawnSync('sh', [installScript, ...args], { encoding: 'utf8' });

  it.skipIf(!has('shellcheck'))('is clean', () => {
    expect(spawnSync('shellcheck', ['-s', 'sh', installScript], { encoding: 'utf8' }).stdout).toBe('');
  });

  it.skipIf(existsSync('/usr/local/lib/alpharho-agent'))('shows every command, and runs none when it is only to show them', () => {
    const { status, stdout } = install('--print', installScript);
    expect(status).toBe(0);
    const commands = stdout.split('\n').filter((line) => line.startsWith('+ '));
    const order = ['useradd', 'npm install', 'mv /usr/local/lib/alpharho-agent.new', 'ln -sf', '-m 0640 -o root -g alpharho-agent'];
    const places = order.map((part) => commands.findIndex((line) => line.includes(part)));
    expect(places.every((place) => place >= 0)).toBe(true);
    expect(places).toEqual(places.toSorted((a, b) => a - b));
    expect(existsSync('/usr/local/lib/alpharho-agent')).toBe(false);
    expect(stdout).toContain('alpharho-agent enroll http://HUB:1880 --token TOKEN');
  });

  it('keeps what the agent keeps, unless it is to purge that', () => {
    const keeps = install('--print', '--uninstall').stdout;
    expect(keeps).toContain('Kept: /etc/alpharho-agent, /var/lib/alpharho-agent');
    expect(keeps).not.toContain('rm -rf /var/lib');
    expect(install('--print', '--uninstall', '--purge').stdout).toContain('+ rm -rf /var/lib/alpharho-agent /etc/alpharho-agent');
  });

  it('refuses a board on which the program would not start', async () => {
    const folder = execFileSync('mktemp', ['-d'], { encoding: 'utf8' }).trim();
    await writeFile(join(folder, 'env'), '#!/bin/sh\necho "env: unrecognized option: S" >&2\nexit 1\n', { mode: 0o755 });
    const env = { ...process.env, PATH: `${folder}:${process.env.PATH}` };
    const { status, stderr } = spawnSync('sh', [installScript, '--print', installScript], { encoding: 'utf8', env });
    expect([status, stderr]).toEqual([1, 'install.sh: env knows no -S: install GNU coreutils 8.30 or later\n']);
  });

  it('refuses what cannot be meant', () => {
    for (const args of [[], ['--purge', installScript], ['--what'], ['/nowhere/agent.tgz']]) {
      const { status, stderr } = install('--print', ...args);
      expect([status, stderr]).toEqual([2, expect.stringMatching(/^install\.sh: /)]);
    }
  });
});

/** Prints each datagram on a line; Node has no such sockets. */
const listener = `
import os, socket, sys
s = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
s.bind(sys.argv[1])
print("listening", flush=True)
while True:
    data, fds, _, _ = socket.recv_fds(s, 4096, 8)
    # systemd-notify waits until its last message was read: for a descriptor that came with it to be closed.
    for fd in fds: os.close(fd)
    print(data.decode().replace("\\n", " "), flush=True)
`;

/** Blocks the event loop of the agent for good when it is told to. */
const hang = "process.on('SIGUSR2', () => { for (;;); });\n";

describe.skipIf(!has('python3') || !has('systemd-notify'))('signs of life', () => {
  let setting: Setting;
  let manager: ChildProcess;
  let heard: string;
  beforeEach(async () => {
    setting = await newSetting([]);
    heard = '';
    manager = spawn('python3', ['-c', listener, join(setting.folder, 'notify')], { stdio: ['ignore', 'pipe', 'inherit'] });
    manager.stdout?.setEncoding('utf8').on('data', (part: string) => {
      heard += part;
    });
    await eventually('the listener', () => heard.includes('listening'));
  });
  afterEach(async () => {
    manager.kill('SIGKILL');
    await setting.end();
  });
  const later = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));
  const signs = () => heard.split('WATCHDOG=1').length - 1;

  it('come from the running agent, and end when its event loop hangs', { timeout: 60_000 * patience }, async () => {
    const preload = join(setting.folder, 'hang.cjs');
    await writeFile(preload, hang);
    const env = { NOTIFY_SOCKET: join(setting.folder, 'notify'), WATCHDOG_USEC: '600000', NODE_OPTIONS: `--require ${preload}` };
    const agent = setting.run(['--model', await setting.file(model(64)), '--status-port', '0'], { env });
    await eventually('READY', () => heard.includes('READY=1 STATUS=serving V1 0.25×64'));
    await eventually('three signs of life', () => signs() >= 3);
    agent.child.kill('SIGUSR2');
    // That nothing comes takes time to see: a sign that was on its way when the loop hung, and then five that are due and stay away.
    await later(500);
    const before = signs();
    await later(1000);
    expect(signs()).toBe(before);
    expect(agent.child.exitCode).toBeNull();
  });

  it('say that it stops', { timeout: 60_000 * patience }, async () => {
    const agent = setting.run(['--model', await setting.file(model(64)), '--status-port', '0'], {
      env: { NOTIFY_SOCKET: join(setting.folder, 'notify') },
    });
    await eventually('READY', () => heard.includes('READY=1'));
    expect(await agent.stop()).toBe(0);
    await eventually('STOPPING', () => heard.includes('STOPPING=1'));
    expect(signs()).toBe(0);
  });
});

describe('the watchdog', () => {
  it('is fed while frames are answered, and starves when the classifier answers none', async () => {
    const small = variant('a');
    const { agent, camera, frame, clock } = await startFakeAgent({ known: [small], committed: small });
    const identity = {
      version: '1',
      id: 'pi-4',
      session: 'session-now',
      pid: 1,
      runtimes: {},
      camera: 'fake',
      hub: '',
      patienceMs: 30_000,
    };
    const report = agent.report({ ...identity, cpuSeconds: () => 0 });
    const told: string[] = [];
    const watchdog = new Watchdog({
      manager: { watchdogMs: 90_000, notify: async (...state) => void told.push(...state) },
      isLive: () => report.isLive,
      describe: () => 'well',
      clock,
    });
    watchdog.start();
    expect(told).toEqual(['READY=1', 'STATUS=well']);
    const signs = () => told.filter((state) => state === 'WATCHDOG=1').length;
    for (let second = 0; second < 90; second += 1) {
      await frame();
      await clock.advance(1000);
    }
    expect(signs()).toBe(3);
    for (let second = 0; second < 300; second += 1) {
      camera.frame();
      await clock.advance(1000);
    }
    // The last ones came before a minute was over.
    expect(signs()).toBe(5);
    expect(told.at(-1)).toBe('STATUS=the frame loop hangs; waiting to be restarted');
    watchdog.stop();
    expect(told.at(-1)).toBe('STOPPING=1');
  });
});
