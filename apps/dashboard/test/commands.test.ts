/** @file `alpharho devices` and `alpharho rollout` over a real database file. */
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Command } from 'commander';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { devicesCommand } from '../src/cli/devices.ts';
import { readDeclaration } from '../src/cli/rollout/read-declaration.ts';
import { rolloutCommand } from '../src/cli/rollout/rollout.ts';
import { type WatchParts, watchRollout } from '../src/cli/rollout/watch.ts';
import { launchRollout } from '../src/server/services/launch-rollout.ts';
import { steerRollout } from '../src/server/services/steer-rollout.ts';
import { TestProcess } from './support/process.ts';
import { createSmallFleet, type SmallFleet } from './support/small-fleet.ts';

let fleet: SmallFleet;
let printed: string[];

beforeEach(async () => {
  fleet = await createSmallFleet();
  printed = [];
  vi.stubEnv('ALPHARHO_DATA_DIR', fleet.folder);
  vi.spyOn(console, 'log').mockImplementation((text: string) => void printed.push(text));
  vi.spyOn(console, 'error').mockImplementation(() => undefined);
});
afterEach(async () => {
  vi.restoreAllMocks();
  vi.unstubAllEnvs();
  process.exitCode = undefined;
  await fleet.close();
});

/** @returns what it printed */
async function alpharho(...args: string[]): Promise<string> {
  const program = new Command().exitOverride().addCommand(devicesCommand()).addCommand(rolloutCommand());
  printed = [];
  await program.parseAsync(args, { from: 'user' });
  return printed.join('\n');
}

async function declare(text: string, name = 'line.yaml'): Promise<string> {
  const path = join(fleet.folder, name);
  await writeFile(path, text);
  return path;
}

const declaration = (more = '') => `name: Line 3\nvariant: ${fleet.next}\ntargets:\n  where: id=*\n${more}`;

describe('alpharho devices', () => {
  it('lists what a query finds, with the tags that it found them by', async () => {
    expect(await alpharho('devices', 'tag', 'cam-1', 'orin-1', '--set', 'site=quay', 'outdoor')).toBe('2 devices tagged.');
    const found = await alpharho('devices', 'list', 'site=quay -class=Orin');
    expect(found.split('\n')[1]).toMatch(/^cam-1 +online +Pi 4 +outdoor site=quay +.*V1 0\.25×128/);
    expect(found.split('\n')).toHaveLength(2);
    await alpharho('devices', 'untag', 'cam-1', '--remove', 'site');
    const json = JSON.parse(await alpharho('devices', 'list', 'site=quay', '--json'));
    expect(json).toMatchObject([
      { id: 'orin-1', online: true, tags: { site: 'quay', outdoor: '' }, serving: { id: fleet.old }, rollout: null },
    ]);
  });

  it('shows one, and names one that it never heard of', async () => {
    expect(await alpharho('devices', 'show', 'cam-2')).toMatch(/presence +offline/);
    await expect(alpharho('devices', 'show', 'cam-9')).rejects.toMatchObject({ code: 'device_unknown' });
    await expect(alpharho('devices', 'list', 'site quay')).rejects.toMatchObject({ code: 'target_query_invalid' });
  });
});

describe('alpharho rollout plan', () => {
  it('shows phases with their devices, and who is left out and why, and starts nothing', async () => {
    const text = await alpharho('rollout', 'plan', await declare(declaration('phases:\n  - count: 1\n  - percent: 100\n')));
    expect(text).toContain('6 devices match, 1 offline; 3 would be given the variant.');
    expect(text).toMatch(/^1 +1 +15 m +automatic +cam-1$/m);
    expect(text).toMatch(/^2 +2 +15 m +automatic +orin-1 cam-2 \(offline\)$/m);
    expect(text).toMatch(/^cam-3 +the variant failed there before \(shadow_slow\)$/m);
    expect(text).toMatch(/^small-1 +the variant of .* needs more memory/m);
    expect(await fleet.db.rollout.count()).toBe(0);
  });

  it('takes the variant and the targets from the command line, and writes the file that apply takes', async () => {
    const path = join(fleet.folder, 'quay.yaml');
    await alpharho('rollout', 'plan', '--variant', fleet.next.slice(0, 12), '--targets', 'class=Orin', '-o', path);
    expect(await readFile(path, 'utf8')).toBe(`name: quay\ntargets:\n  where: class=Orin\nvariant: ${fleet.next}\n`);
    expect(await alpharho('rollout', 'apply', path)).toMatch(/^[0-9a-f]{8} {2}quay: running$/);
  });

  it('plans for a goal, and fails where a class cannot meet it', async () => {
    const text = await alpharho('rollout', 'plan', '--best', 'accuracy', '--p95', '50', '--targets', 'class=Orin');
    expect(text).toContain('The goal cannot be met on Orin');
    expect(process.exitCode).toBe(1);
    await expect(alpharho('rollout', 'plan', '--best', 'latency', '--targets', 'id=*')).rejects.toThrow('--min-top1');
  });
});

describe('alpharho rollout apply', () => {
  it('starts what a file declares; the same file again changes nothing and says so', async () => {
    const path = await declare(declaration());
    expect(await alpharho('rollout', 'apply', path)).toMatch(/Line 3: running$/);
    const before = await fleet.db.rollout.findMany({ include: { devices: true, events: true } });
    expect(before[0]?.devices).toHaveLength(6);
    expect(await alpharho('rollout', 'apply', path)).toMatch(/Line 3: nothing to do, it is running as declared$/);
    // The same in JSON is the same.
    const json = JSON.stringify({ variant: fleet.next, name: 'Line 3', targets: { where: 'id=*' } });
    expect(JSON.parse(await alpharho('rollout', 'apply', await declare(json, 'line.json'), '--json'))).toMatchObject({ changed: false });
    expect(await fleet.db.rollout.findMany({ include: { devices: true, events: true } })).toEqual(before);
    await expect(alpharho('rollout', 'apply', await declare(declaration('onFail: pause\n')))).rejects.toMatchObject({
      code: 'rollout_conflict',
    });
  });

  it('reads the example of docs/rollouts-as-files.md', async () => {
    const text = await readFile(new URL('../../../docs/rollouts-as-files.md', import.meta.url), 'utf8');
    const [, example = ''] = /```yaml\n([\s\S]+?)```/.exec(text) ?? [];
    expect(await readDeclaration(await declare(example))).toMatchObject({
      name: 'spring',
      phases: [{ count: 1, soak: 1_800_000 }, { percent: 10 }, { percent: 100, advance: 'approval', concurrency: 10 }],
      schedule: { windows: [{ timeZone: 'Europe/Berlin' }] },
    });
  });

  it('keeps nothing of a file whose rollout cannot be started', async () => {
    const path = await declare(declaration().replace('id=*', 'id=small-*'));
    await expect(alpharho('rollout', 'apply', path)).rejects.toMatchObject({ code: 'rollout_no_targets' });
    expect(await fleet.db.rollout.count()).toBe(0);
  });

  it.each([
    ['nothing', '', 'rollout_invalid', 'line.yaml: rollout: '],
    ['a word that no rollout has', 'colour: red\n', 'rollout_invalid', 'colour'],
    ['a key twice', 'name: other\n', 'rollout_invalid', 'line.yaml: Map keys must be unique at line 5'],
    ['a time without a unit', 'deadlines: { device: soon }\n', 'rollout_invalid', 'deadlines.device'],
    ['text that is no YAML', 'phases: [', 'rollout_invalid', 'line 5'],
    ['anchors', 'x: &a [1]\ny: *a\n', 'rollout_invalid', 'anchors'],
    ['a query that cannot be read', 'lateJoiners: ignore\n', 'target_query_invalid', 'character 5'],
  ])('refuses %s', async (what, more, code, words) => {
    const text = what === 'nothing' ? '' : declaration(more);
    const path = await declare(what.startsWith('a query') ? text.replace('id=*', 'site quay') : text);
    await expect(alpharho('rollout', 'apply', path)).rejects.toMatchObject({ code, message: expect.stringContaining(words) });
    expect(await fleet.db.rollout.count()).toBe(0);
  });

  it('says in one line what is wrong, with its code and what to do, and exits with 1', async () => {
    const run = new TestProcess(['rollout', 'pause', 'spring'], { ALPHARHO_DATA_DIR: fleet.folder });
    const { code, stdout, stderr } = await run.ended;
    expect([code, stdout, stderr.trim()]).toEqual([
      1,
      '',
      'alpharho: rollout "spring": there is none of this id or name [rollout_unknown] There is no such rollout; check its name or id.',
    ]);
  });
});

describe('steering', () => {
  it('does once what is said twice, by name or by the first digits of the id', async () => {
    await alpharho('rollout', 'apply', await declare(declaration()));
    const [{ id = '' } = {}] = await fleet.db.rollout.findMany();
    expect(await alpharho('rollout', 'pause', 'Line 3')).toBe('Line 3: paused');
    expect(await alpharho('rollout', 'pause', id.slice(0, 8))).toContain('nothing to do, it is paused already');
    expect(JSON.parse(await alpharho('rollout', 'resume', 'Line 3', '--json'))).toMatchObject({ state: 'running', changed: true });
    await expect(alpharho('rollout', 'approve', 'Line 3', '--phase', '1')).rejects.toMatchObject({ code: 'rollout_conflict' });
    expect(await alpharho('rollout', 'list')).toMatch(/Line 3 +running, phase 1 of 4 +3 waiting, 3 skipped/);
    expect(await alpharho('rollout', 'show', 'Line 3')).toMatch(/^small-1 +1 +skipped/m);
    expect(await alpharho('rollout', 'abort', 'Line 3')).toBe('Line 3: aborted');
    await expect(alpharho('rollout', 'start', 'Line 3')).rejects.toMatchObject({ code: 'rollout_conflict' });
  });
});

describe('alpharho rollout watch', () => {
  const now = 1_800_000_000_000;
  const launch = () =>
    launchRollout(fleet.db, { spec: { name: 'Line 3', variant: fleet.next, targets: { where: 'id=*' } } }, new Date(now));

  /** What happens while it waits for its next look, in turn. */
  async function watch(id: string, steps: (() => Promise<unknown>)[], more: Partial<WatchParts> = {}) {
    const off = new AbortController();
    let text = '';
    let looks = 0;
    const code = await watchRollout(fleet.db, id, {
      now: () => now + looks * 1000,
      signal: off.signal,
      write: (part) => (text += part),
      wait: async () => {
        const step = steps[looks];
        looks += 1;
        if (step === undefined) off.abort();
        else await step();
      },
      ...more,
    });
    return { code, text };
  }

  const steer = (id: string, type: 'pause' | 'abort') => () => steerRollout(fleet.db, id, { type }, new Date(now + 5000));

  it('prints a line for each thing that happens until the end, and the exit code tells how it ended', async () => {
    const { id } = await launch();
    const { code, text } = await watch(id, [async () => undefined, steer(id, 'pause'), steer(id, 'abort')]);
    expect(code).toBe(4);
    const lines = text.trimEnd().split('\n');
    const words = lines.map((line) => line.replace(/^2027-\S+Z {2}/, ''));
    expect(words[2]).toBe('Line 3: running, phase 1 of 4; 3 waiting, 3 skipped');
    expect(words.filter((word) => word.startsWith('Line 3'))).toEqual([
      words[2],
      'Line 3: paused (operator), phase 1 of 4; 3 waiting, 3 skipped',
      'Line 3: aborted, phase 1 of 4; 6 skipped',
    ]);
    expect(text).not.toContain('\u001b');
  });

  it('ends where it waits for an operator if it is asked to, and with 130 where it is called off', async () => {
    const { id } = await launch();
    expect((await watch(id, [])).code).toBe(130);
    expect((await watch(id, [steer(id, 'pause')], { untilWaiting: true })).code).toBe(5);
  });

  it('draws in place on a terminal, in no more columns than there are', async () => {
    const { id } = await launch();
    const { text } = await watch(id, [steer(id, 'pause')], { columns: 40 });
    const frames = text.split('\u001b[5A\r\u001b[J');
    expect(frames).toHaveLength(2);
    expect(frames[0]).toContain('phase 1  ░░░░░░░░░░░░░░░░░░░░ 0/1');
    expect(Math.max(...frames.flatMap((frame) => frame.split('\n')).map(({ length }) => length))).toBeLessThan(40);
  });
});
