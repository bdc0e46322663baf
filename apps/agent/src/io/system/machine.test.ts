import { chmod, mkdir, readFile, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { presenceSchema, telemetrySchema } from '@alpharho/protocol';
import { afterEach, describe, expect, it } from 'vitest';
import { FakeClock } from '../../../test/support/fake-clock.ts';
import { temporaryFolder } from '../../../test/support/media.ts';
import { isSlow } from '../../../test/support/wait.ts';
import { Machine, readHardware } from './machine.ts';
import { parseThrottled } from './throttling.ts';

const folders: (() => Promise<void>)[] = [];
afterEach(async () => {
  await Promise.all(folders.splice(0).map((remove) => remove()));
});

describe('the machine', () => {
  it('names itself as the wire wants it', async () => {
    const hardware = await readHardware();
    const presence = { v: 1, session: 'session-1', state: 'online', at: 1, agent: { version: '0', camera: 'x', hardware } };
    expect(presenceSchema.safeParse(presence).success).toBe(true);
    expect(hardware.model.length).toBeGreaterThan(1);
  });

  it('tells the hottest zone, and leaves out those that read nonsense', async () => {
    const board = await newBoard({
      'sys/class/thermal/thermal_zone0/temp': '48300\n',
      'sys/class/thermal/thermal_zone1/temp': '61250\n',
      'sys/class/thermal/thermal_zone2/temp': '-274000\n',
      'sys/class/thermal/thermal_zone3/temp': '',
      'sys/class/thermal/cooling_device0/temp': '99000\n',
    });
    const facts = await board.machine.facts();
    expect(facts.temperature).toBe(61.25);
    // The emulator tells nothing of the memory of what it emulates.
    if (!isSlow) expect(facts.memoryBytes).toBeGreaterThan(10_000_000);
    expect(facts.diskFreeBytes).toBeGreaterThan(0);
    expect(facts.diskTotalBytes).toBeGreaterThanOrEqual(facts.diskFreeBytes ?? Number.NaN);
  });

  it('tells nothing that the board does not tell', async () => {
    const { machine } = await newBoard({});
    expect(Object.keys(await machine.facts()).sort()).toEqual(['diskFreeBytes', 'diskTotalBytes', 'memoryBytes']);
  });

  it('tells its memory, and how busy it was since the reading before', async () => {
    const { machine, write } = await newBoard({
      'proc/meminfo': 'MemTotal:        3884768 kB\nMemFree:  1 kB\nMemAvailable:    3145728 kB\n',
      'proc/stat': 'cpu  100 0 100 700 100 0 0 0 50 0\ncpu0 1 1 1 1\n',
    });
    const first = await machine.facts();
    expect(first).toMatchObject({ memoryTotalBytes: 3_884_768 * 1024, memoryAvailableBytes: 3 * 2 ** 30 });
    expect(first).not.toHaveProperty('cpuFraction');
    await write('proc/stat', 'cpu  150 0 125 1000 125 0 0 0 60 0\n');
    expect((await machine.facts()).cpuFraction).toBeCloseTo(75 / 400);
    expect(await machine.facts()).not.toHaveProperty('cpuFraction');
  });

  it('reads the throttling from the kernel, without a program', async () => {
    const { machine, write, asked } = await newBoard({ 'sys/bus/platform/devices/soc:firmware/get_throttled': '50005\n' });
    expect((await machine.facts()).throttled).toEqual(['under-voltage', 'throttled']);
    await write('sys/bus/platform/devices/soc:firmware/get_throttled', '0\n');
    expect((await machine.facts()).throttled).toEqual([]);
    expect(await asked()).toEqual([]);
  });

  it('asks vcgencmd where the kernel does not tell', async () => {
    const { machine, program, asked, clock } = await newBoard({});
    await program('vcgencmd', 'echo throttled=0xe0008');
    expect((await machine.facts()).throttled).toEqual(['soft-temperature-limit']);
    await clock.advance(9000);
    await machine.facts();
    expect(await asked()).toEqual(['vcgencmd get_throttled']);
    await clock.advance(1000);
    await program('vcgencmd', 'echo "error=1 error_msg=\\"Command not registered\\""; exit 1');
    expect(await machine.facts()).not.toHaveProperty('throttled');
  });

  it('looks once for a vcgencmd that is not there', async () => {
    const { machine, program, asked } = await newBoard({});
    await machine.facts();
    await program('vcgencmd', 'echo throttled=0x0');
    expect(await machine.facts()).not.toHaveProperty('throttled');
    expect(await asked()).toEqual([]);
  });

  it('knows a clock that systemd-timesyncd keeps without asking', async () => {
    const { machine, program, asked } = await newBoard({ 'run/systemd/timesync/synchronized': '' });
    await program('timedatectl', 'echo no');
    expect((await machine.facts()).clock).toEqual({ synchronised: true });
    expect(await asked()).toEqual([]);
  });

  it('asks for a clock that another daemon keeps, once a minute', async () => {
    const { machine, program, asked, clock } = await newBoard({});
    await program('timedatectl', 'echo no');
    for (let reading = 0; reading < 12; reading += 1) {
      expect((await machine.facts()).clock).toEqual({ synchronised: false });
      await clock.advance(10_000);
    }
    expect(await asked()).toEqual(Array(2).fill('timedatectl show --property=NTPSynchronized --value'));
    await program('timedatectl', 'echo yes');
    expect((await machine.facts()).clock).toEqual({ synchronised: true });
    await clock.advance(60_000);
    await program('timedatectl', 'echo "Failed to connect to bus" >&2; exit 1');
    expect(await machine.facts()).not.toHaveProperty('clock');
  });

  it('tells all of it as the wire wants it', async () => {
    const { machine, program } = await newBoard({
      'proc/stat': 'cpu  1 0 1 1 1 0 0 0 0 0\n',
      'proc/meminfo': 'MemTotal: 9 kB\nMemAvailable: 8 kB\n',
    });
    await program('vcgencmd', 'echo throttled=0xf');
    await program('timedatectl', 'echo yes');
    const facts = await machine.facts();
    expect(telemetrySchema.shape.system.parse({ outbox: 0, ...facts })).toEqual({ outbox: 0, ...facts });
  });
});

it.each([
  ['throttled=0x0\n', []],
  ['throttled=0x50000', []],
  ['f', ['under-voltage', 'frequency-capped', 'throttled', 'soft-temperature-limit']],
  ['VCHI initialization failed', undefined],
  ['', undefined],
])('what %j says of throttling', (text, expected) => {
  expect(parseThrottled(text)).toEqual(expected);
});

/** A board of files, and of programs that note how they were called. */
async function newBoard(files: Record<string, string>) {
  const { path, remove } = await temporaryFolder();
  folders.push(remove);
  const clock = new FakeClock();
  const write = async (name: string, text: string) => {
    await mkdir(dirname(join(path, name)), { recursive: true });
    await writeFile(join(path, name), text);
  };
  for (const [name, text] of Object.entries(files)) await write(name, text);
  const calls = join(path, 'calls');
  const program = async (name: string, script: string) => {
    await write(name, `#!/bin/sh\necho ${name} "$@" >> ${calls}\n${script}\n`);
    await chmod(join(path, name), 0o755);
  };
  const asked = async () => (await readFile(calls, 'utf8').catch(() => '')).split('\n').filter((line) => line !== '');
  const machine = new Machine({
    dataDir: path,
    monotonic: () => clock.monotonic(),
    root: path,
    vcgencmd: join(path, 'vcgencmd'),
    timedatectl: join(path, 'timedatectl'),
  });
  return { machine, write, program, asked, clock };
}
