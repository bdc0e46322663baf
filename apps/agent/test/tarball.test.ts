/** @file The tarball in an empty folder: the agent that a board gets, and what an upgrade keeps. */
import { execFile, execFileSync } from 'node:child_process';
import { cp, mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import sharp from 'sharp';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { runAgent } from './support/agent-process.ts';
import { temporaryFolder } from './support/media.ts';
import { model, newSetting, type Setting } from './support/setting.ts';
import { eventually, isSlow } from './support/wait.ts';

const pack = fileURLToPath(new URL('../scripts/pack.mjs', import.meta.url));
const run = promisify(execFile);
const minutes = 60_000;
const small = model(64);

let board: Awaited<ReturnType<typeof temporaryFolder>>;
let program: string;

/** Puts the tarball into the folder, as a first install or over what is there. */
async function install(folder: string, tarball: string): Promise<void> {
  const npm = ['install', '--ignore-scripts', '--prefer-offline', '--no-audit', '--no-fund', '--loglevel=error', tarball];
  execFileSync('npm', npm, { cwd: folder, stdio: ['ignore', 'ignore', 'inherit'] });
  // Compiling SQLite takes minutes where its ready-made binary is out of reach; this machine has compiled it once.
  const built = join(dirname(createRequire(import.meta.url).resolve('sqlite3/package.json')), 'build/Release/node_sqlite3.node');
  await mkdir(join(folder, 'node_modules/sqlite3/build/Release'), { recursive: true });
  await cp(built, join(folder, 'node_modules/sqlite3/build/Release/node_sqlite3.node'));
}

// On an emulated board npm would take an hour, and the tarball is the same.
describe.skipIf(isSlow)('the tarball', () => {
  let tarball: string;
  let setting: Setting;
  beforeAll(async () => {
    board = await temporaryFolder();
    tarball = execFileSync(process.execPath, [pack, board.path], { encoding: 'utf8' }).trim();
    // npm would install into a folder above that has a package.json.
    await writeFile(join(board.path, 'package.json'), '{ "private": true }\n');
    await install(board.path, tarball);
    program = join(board.path, 'node_modules/.bin/alpharho-agent');
  }, 10 * minutes);
  afterAll(() => board.remove());
  beforeEach(async () => {
    setting = await newSetting([small]);
    return () => setting.end();
  });
  const agent = (args: readonly string[]) =>
    runAgent(
      [
        'run',
        '--hub',
        setting.hub.url,
        '--id',
        'pi-4',
        '--models-url',
        setting.server.url.href,
        '--data-dir',
        setting.dataDir,
        '--status-port',
        '0',
        ...args,
      ],
      {
        program,
      },
    );

  it('holds what no registry has, and Linux libraries alone', async () => {
    const modules = join(board.path, 'node_modules/alpharho-agent/node_modules');
    expect(await readdir(modules)).toEqual(expect.arrayContaining(['@alpharho', 'onnxruntime-node']));
    expect(await readdir(join(modules, 'onnxruntime-node/bin/napi-v6'))).toEqual(['linux']);
    const { scripts } = JSON.parse(await readFile(join(modules, 'onnxruntime-node/package.json'), 'utf8')) as { scripts?: object };
    expect(scripts).toBeUndefined();
  });

  it('says its version, and doctor finds all libraries', { timeout: 2 * minutes }, async () => {
    expect(execFileSync(program, ['--version'], { encoding: 'utf8' })).toBe('0.1.0\n');
    const { stdout } = await run(
      program,
      [
        'doctor',
        '--json',
        '--camera',
        'synthetic',
        '--hub',
        setting.hub.url,
        '--models-url',
        setting.server.url.href,
        '--data-dir',
        setting.dataDir,
        '--status-port',
        '0',
      ],
      { encoding: 'utf8' },
    );
    const findings = JSON.parse(stdout) as { name: string; verdict: string }[];
    expect(findings.filter(({ verdict }) => verdict === 'fail')).toEqual([]);
    expect(findings.map(({ name }) => name)).toEqual(expect.arrayContaining(['inference', 'database', 'camera', 'disk', 'hub broker']));
  });

  it('classifies twenty frames and ends', { timeout: 2 * minutes }, async () => {
    const pictures = join(setting.folder, 'pictures');
    await mkdir(pictures);
    for (let index = 10; index < 30; index += 1) {
      await sharp({ create: { width: 80, height: 60, channels: 3, background: { r: index * 8, g: 90, b: 40 } } })
        .png()
        .toFile(join(pictures, `${index}.png`));
    }
    const twenty = agent(['--camera', pictures, '--no-loop', '--rate', '50', '--model', await setting.file(small)]);
    expect(await twenty.exited).toBe(0);
    expect(setting.hub.rows()).toHaveLength(20);
  });

  it('put over an older one, keeps its variant, its outbox and its identity', { timeout: 5 * minutes }, async () => {
    const line = ['--camera', 'synthetic:inspection?rate=20'];
    const before = agent(line);
    await before.says(/connected/);
    setting.desire(small, 1);
    await eventually('the commit', () => setting.lastReported()?.phase === 'committed');
    setting.hub.acknowledges = false;
    const acknowledged = setting.hub.rows().length;
    const heard = setting.hub.heard.results.length;
    await eventually('results that the hub does not acknowledge', () => setting.hub.heard.results.length > heard);
    const session = setting.hub.heard.results.at(-1)?.message.session;
    await before.stop();
    await setting.hub.kill();
    await install(board.path, tarball);
    await setting.hub.listen();
    setting.hub.acknowledges = true;
    const after = agent(line);
    await after.says(new RegExp(`serving variant ${small.variant.sha256.slice(0, 12)}, committed earlier`));
    await eventually("the earlier run's last results", () => setting.hub.rows(session).length > acknowledged).catch((error: Error) => {
      throw new Error(`${error.message}: ${acknowledged} before, ${setting.hub.rows(session).length} now\n${after.log()}`);
    });
    await after.stop();
    const numbers = setting.hub.rows(session).map(({ seq }) => seq);
    expect(numbers).toEqual(numbers.map((_, index) => index + 1));
    expect(new Set(setting.hub.heard.results.map(({ device }) => device))).toEqual(new Set(['pi-4']));
  });
});
