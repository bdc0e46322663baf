import { execFileSync } from 'node:child_process';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { temporaryFolder } from '../test/support/media.ts';
import { type Actions, runCommandLine } from './cli.ts';
import { type Config, runConfig } from './config.ts';
import { explainLines } from './settings/explain.ts';
import { findConfigFile, type Resolved, resolveSettings, strayVariables } from './settings/resolve.ts';
import { settingNames } from './settings/table.ts';

let folder: Awaited<ReturnType<typeof temporaryFolder>>;
beforeAll(async () => {
  folder = await temporaryFolder();
});
afterAll(() => folder.remove());

/** What a command line, an environment and a file come to. */
async function resolved(args: string[], environment: Record<string, string> = {}, file?: string): Promise<Resolved> {
  let found: Resolved | undefined;
  const path = join(folder.path, 'config.yaml');
  if (file !== undefined) await writeFile(path, file);
  const all = file === undefined ? args : ['--config', path, ...args];
  const other = () => Promise.reject(new Error('another command was called'));
  const run: Actions['run'] = async ({ flags, config }) => {
    found = resolveSettings({ flags, environment, file: (await findConfigFile(config, environment, join(folder.path, 'none'))).file });
    return 0;
  };
  await runCommandLine(['run', ...all], '1.2.3', {
    run,
    cameras: other,
    config: other,
    status: other,
    doctor: other,
    enroll: other,
    bench: other,
  });
  if (found === undefined) throw new Error('run was not called');
  return found;
}

async function configured(...input: Parameters<typeof resolved>): Promise<Config> {
  return runConfig(await resolved(...input));
}

const minimal = ['--camera', 'synthetic', '--id', 'pi-4'];

describe('settings', () => {
  it('have defaults for all but the camera', async () => {
    const config = await configured(minimal);
    expect(config).toMatchObject({
      hub: 'mqtt://127.0.0.1:1883',
      loop: true,
      realtime: true,
      top: 5,
      outboxBytes: 512_000_000,
      logLevel: 'info',
      logJson: false,
    });
    expect(config.dataDir).toMatch(/\.local\/share\/alpharho-agent\/pi-4$/);
    expect(config.modelsUrl.href).toBe('http://127.0.0.1:1880/');
    expect(config.rate).toBeUndefined();
  });

  it('take models from the hub unless told otherwise', async () => {
    expect((await configured([...minimal, '--hub', 'mqtts://user:secret@hub.local:8883'])).modelsUrl.href).toBe('http://hub.local:1880/');
    expect((await configured([...minimal, '--models-url', 'https://cdn.example'])).modelsUrl.href).toBe('https://cdn.example/');
  });

  it('come from the default, the file, the environment and the flags, the later before the earlier', async () => {
    const file = 'top: 2\nthreads: 2\nlog-level: warn\nloop: false\n';
    const environment = { ALPHARHO_AGENT_TOP: '3', ALPHARHO_AGENT_THREADS: '3' };
    const found = await resolved([...minimal, '--threads', '4', '--loop'], environment, file);
    expect(found.values).toMatchObject({ outboxLimit: 512, logLevel: 'warn', top: 3, threads: 4, loop: true });
    expect(found.origins.outboxLimit).toEqual({ from: 'default' });
    expect(found.origins.logLevel).toEqual({ from: 'file', path: join(folder.path, 'config.yaml'), line: 3 });
    expect(found.origins.top).toEqual({ from: 'environment', name: 'ALPHARHO_AGENT_TOP' });
    expect(found.origins.threads).toEqual({ from: 'flag', name: '--threads' });
  });

  it('are switched by flags, variables and the file alike', async () => {
    expect((await configured([...minimal, '--no-loop', '--log-json'])).loop).toBe(false);
    expect((await configured(minimal, { ALPHARHO_AGENT_LOOP: 'false', ALPHARHO_AGENT_LOG_JSON: '1' })).logJson).toBe(true);
    expect((await configured(minimal, {}, 'loop: no\nlog-json: true\n')).loop).toBe(false);
    expect((await configured([...minimal, '--no-log-json'], {}, 'log-json: true\n')).logJson).toBe(false);
  });

  it('take the file that a variable names, and the usual one where it is there', async () => {
    const path = join(folder.path, 'usual.yaml');
    await writeFile(path, '# nothing\n');
    expect((await findConfigFile(undefined, { ALPHARHO_AGENT_CONFIG: path }, '/none')).file?.path).toBe(path);
    expect((await findConfigFile(undefined, {}, path)).file?.path).toBe(path);
    expect((await findConfigFile(undefined, {}, '/none')).file).toBeUndefined();
    expect((await configured([...minimal, '--config', '/dev/null'])).rate).toBe((await configured(minimal)).rate);
    expect((await findConfigFile('/dev/null', { ALPHARHO_AGENT_CONFIG: path }, path)).file?.path).toBe('/dev/null');
    await expect(findConfigFile('/none/config.yaml', {})).rejects.toThrow('/none/config.yaml cannot be read (ENOENT)');
    await mkdir(join(folder.path, 'a-folder'));
    await expect(findConfigFile(join(folder.path, 'a-folder'), {})).rejects.toThrow('cannot be read (EISDIR)');
    const pipe = join(folder.path, 'a-pipe');
    execFileSync('mkfifo', [pipe]);
    await expect(findConfigFile(pipe, {})).rejects.toThrow('a-pipe cannot be read (no regular file)');
  });

  it('that cannot be used are named with what would be right', async () => {
    const wrong: [string[], string][] = [
      [[], '--camera is missing: '],
      [[...minimal, '--rate', 'fast'], '--rate "fast": expected a number of frames a second, above 0 and up to 1000'],
      [[...minimal, '--rate', '0'], '--rate "0": expected a number of frames a second'],
      [[...minimal, '--top', '11'], '--top "11": expected a whole number from 1 to 10'],
      [[...minimal, '--threads', '1.5'], '--threads "1.5": expected a whole number from 1 to 64'],
      [[...minimal, '--hub', 'http://hub'], '--hub "http://hub": expected an address like mqtt://host:1883'],
      [[...minimal, '--models-url', 'hub'], '--models-url "hub": expected an address like http://host:1880'],
      [['--camera', 'synthetic', '--id', 'a/b'], '--id "a/b": a device id is'],
      [[...minimal, '--log-level', 'loud'], '--log-level "loud": expected debug, info, warn, error'],
      [[...minimal, '--outbox-limit', '-3'], '--outbox-limit "-3": expected a number of megabytes'],
      [[...minimal, '--outbox-limit', '2 GB'], '--outbox-limit "2 GB": expected a number of megabytes, 1 or more; 2 GB would be 2000'],
      [[...minimal, '--rate', '600/min'], '600 /min would be 10'],
      [[...minimal, '--rate', '10 ms'], '--rate "10 ms": expected a number of frames a second, above 0 and up to 1000'],
    ];
    for (const [args, line] of wrong) await expect(configured(args), line).rejects.toThrow(line);
    expect((await configured([...minimal, '--outbox-limit', '64 MB', '--rate', '5fps'])).outboxBytes).toBe(64e6);
  });

  it('of a file that cannot be used are named with file and line', async () => {
    const wrong: [string, string][] = [
      ['camera: synthetic\nthread: 2\n', 'config.yaml:2: "thread" is not a setting; did you mean "threads"?'],
      ['dataDir: /data\n', '"dataDir" is not a setting; did you mean "data-dir"?'],
      ['zebra: 1\n', '"zebra" is not a setting; "alpharho-agent config --explain" lists all'],
      ['\ntop: 5\ntop: 6\n', 'config.yaml:3: not YAML: Map keys must be unique'],
      ['camera: "x\n', 'not YAML: '],
      ['top: 5\n---\ntop: 6\n', 'config.yaml:2: a second document begins here ("---"); a settings file is one'],
      ['- camera\n', 'config.yaml:1: expected lines like'],
      ['camera:\n  path: x\n', 'config.yaml:1: camera: expected one value, or a list of values'],
      ['top: &x 5\nthreads: *x\n', 'config.yaml:2: threads: expected one value'],
      ['top: 11\n', 'config.yaml:1: top "11": expected a whole number from 1 to 10'],
      [`# ${'x'.repeat(65_536)}\n`, 'is longer than 65536 bytes'],
    ];
    for (const [file, line] of wrong) await expect(configured(minimal, {}, file), line).rejects.toThrow(line);
    expect((await configured(['--camera', 'synthetic'], {}, 'id: 007\ntop:\n')).id).toBe('007');
  });

  it('of the environment that are none are told', () => {
    expect(strayVariables({ ALPHARHO_AGENT_NO_LOOP: '1', ALPHARHO_AGENT_TOP: '1', HOME: '/' })).toEqual([
      'ALPHARHO_AGENT_NO_LOOP is not a setting; did you mean ALPHARHO_AGENT_LOOP?',
    ]);
  });

  it('never repeat a secret', async () => {
    await expect(configured([...minimal, '--hub', 'http://user:secret@hub'])).rejects.toThrow('--hub "http://hub"');
    const pipeline = 'gstreamer:rtspsrc location=rtsp://admin:secret@cam/1?token=secret ! decodebin';
    const text = explainLines(await resolved(['--camera', pipeline, '--hub', 'mqtt://user:secret@hub'])).join('\n');
    expect(text).not.toContain('secret');
    expect(text).toContain('rtsp://cam/1?… ! decodebin');
  });

  it('are explained, each with where it came from', async () => {
    const found = await resolved(['--camera', 'synthetic'], { ALPHARHO_AGENT_TOP: '3' }, '# belt\nid: pi-4\n');
    const lines = explainLines(found);
    expect(lines).toHaveLength(settingNames.length);
    expect(lines.find((line) => line.startsWith('id '))).toMatch(/^id +pi-4 +file .*config\.yaml:2$/);
    expect(lines.find((line) => line.startsWith('camera '))).toMatch(/^camera +synthetic +flag --camera$/);
    expect(lines.find((line) => line.startsWith('top '))).toMatch(/^top +3 +environment ALPHARHO_AGENT_TOP$/);
    expect(lines.find((line) => line.startsWith('models-url '))).toMatch(/\(the hub's machine, port 1880\) +default$/);
  });
});
