/** @file What goes wrong in the field, on the real agent: one clear line, a right exit code, or life goes on. */
import { execFileSync } from 'node:child_process';
import { chmod, mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { buildTopic } from '@alpharho/protocol';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { runAgent } from './support/agent-process.ts';
import { hasFfmpeg, makeVideo } from './support/media.ts';
import { type Model, model, newSetting, type Setting } from './support/setting.ts';
import { eventually, isSlow, patience } from './support/wait.ts';

const small: Model = model(64);
const large: Model = model(96);
let setting: Setting;
beforeEach(async () => {
  setting = await newSetting([small, large]);
});
afterEach(() => setting.end());

/** Node and nothing else. */
const bareEnv = { PATH: '/nowhere' };

describe('an agent that cannot run says why in one line', () => {
  const fails = async (args: string[], line: RegExp, code: number, env?: Record<string, string>) => {
    const agent = setting.run(args, env === undefined ? {} : { env });
    const exit = await agent.exited;
    const errors = agent
      .log()
      .split('\n')
      .filter((text) => text.startsWith('alpharho-agent: '));
    expect(errors).toEqual([expect.stringMatching(line)]);
    expect(agent.log()).not.toMatch(/^\s+at /m);
    expect(exit).toBe(code);
  };

  it('about the camera', { timeout: 60_000 * patience }, async () => {
    const path = await setting.file(small);
    const video = join(setting.folder, 'some.mp4');
    await writeFile(video, 'x');
    await fails(
      ['--camera', '/nowhere/belt.mp4', '--model', path],
      /camera \/nowhere\/belt\.mp4 does not exist; a video file, a folder/,
      2,
    );
    await fails(
      ['--camera', video, '--model', path],
      /ffmpeg is not installed, and this camera needs it; on Debian: apt-get install ffmpeg/,
      1,
      bareEnv,
    );
  });

  it('about the model', { timeout: 60_000 * patience }, async () => {
    const path = await setting.file(small);
    await writeFile(path, (await readFile(path)).subarray(0, 5000));
    await fails(['--model', path], /--model \/.*\.onnx: the ONNX file is damaged/, 2);
    await writeFile(path, '\u001c\u0000\u0000\u0000TFL3');
    await fails(['--model', path], /--model \/.*\.onnx: this is a TFLite file; convert it with "mobilenet import"/, 2);
    await fails(['--model', '/dev/zero'], /--model \/dev\/zero is not a regular file; expected a variant file/, 2);
    await fails(['--model', '/nowhere/v.onnx'], /--model \/nowhere\/v\.onnx cannot be read \(ENOENT\); expected a variant file/, 2);
  });

  it('about a setting', { timeout: 60_000 * patience }, async () => {
    await fails(['--rate', 'fast'], /--rate "fast": expected a number of frames a second/, 2);
    const unknown = runAgent(['run', '--speed', '3']);
    expect(await unknown.exited).toBe(2);
    expect(unknown.log()).toContain("unknown option '--speed'");
    const version = runAgent(['--version']);
    expect(await version.exited).toBe(0);
    expect(version.log()).toMatch(/^\d+\.\d+\.\d+\n$/);
  });

  it('about a data folder that another agent uses', { timeout: 60_000 * patience }, async () => {
    const path = await setting.file(small);
    const first = setting.run(['--model', path]);
    await first.says(/connected/);
    await fails(['--model', path], /outbox\.db: another agent works in this data folder/, 1);
    expect(await first.stop()).toBe(0);
  });
});

describe('an agent that can live on does', () => {
  it('with messages that it cannot take', { timeout: 60_000 * patience }, async () => {
    const { hub, run, file, lastReported, desire } = setting;
    const agent = run(['--model', await file(small)]);
    await eventually('results', () => hub.history.size >= 2);
    const topic = buildTopic('desired', 'pi-4');
    const bad: [Buffer, string][] = [
      [Buffer.from('no json'), 'payload_not_json'],
      [Buffer.from('{"v":9}'), 'version_unsupported'],
      [Buffer.alloc(1_000_000, 'x'), 'payload_too_large'],
      [Buffer.from('{"v":1,"body":2}'), 'payload_invalid'],
    ];
    for (const [payload, code] of bad) {
      hub.publishRaw(topic, payload);
      await eventually(code, () => lastReported()?.lastError?.code === code);
    }
    desire(large, 1);
    await eventually('the good one', () => lastReported()?.phase === 'committed');
    expect(lastReported()?.lastError).toBeUndefined();
    expect(await agent.stop()).toBe(0);
  });

  it.skipIf(!hasFfmpeg)('with a camera that gives nothing, until it does', { timeout: 60_000 * patience }, async () => {
    const { hub, run, file, folder, lastReported } = setting;
    const video = join(folder, 'later.mp4');
    await writeFile(video, 'no video yet '.repeat(50));
    const agent = run(['--model', await file(small), '--camera', video]);
    await agent.says(/camera: .*later\.mp4 gives no frames: .*Invalid data.*; it is tried again/);
    await makeVideo(video, 2);
    await eventually('results', () => hub.history.size > 10, 40_000);
    await eventually('the all-clear', () => lastReported() !== undefined && lastReported()?.lastError === undefined);
    expect(agent.log().match(/gives no frames/g)).toHaveLength(1);
    expect(await agent.stop()).toBe(0);
    expect(ffmpegChildren(video)).toBe('');
  });

  it('with a folder that it cannot write: results go from memory to the hub', { timeout: 60_000 * patience }, async () => {
    const { hub, run, file, folder, dataDir, lastReported } = setting;
    await chmod(folder, 0o755);
    await mkdir(dataDir);
    await chmod(dataDir, 0o555);
    const path = await file(small);
    // Root may write everywhere, so there the agent runs as nobody.
    const agent = run(['--model', path], process.getuid?.() === 0 ? { uid: 65_534 } : {});
    await eventually('results', () => hub.history.size >= 20, 30_000);
    expect(lastReported()?.lastError?.code).toBe('disk_read_only');
    const rows = hub.rows();
    expect(rows.map(({ seq }) => seq)).toEqual(Array.from({ length: rows.length }, (_, index) => index + 1));
    expect(agent.log().match(/results stay in memory/g)).toHaveLength(1);
    setting.desire(large, 1);
    await eventually('the failed update', () => lastReported()?.outcome === 'failed_no_change');
    await chmod(dataDir, 0o777);
    await eventually('the all-clear for the outbox', () => /can be written again/.test(agent.log()));
    expect(await agent.stop()).toBe(0);
  });

  it('with a full disk: nothing is lost, and it goes on when there is room', { timeout: 60_000 * patience }, async (context) => {
    const { hub, run, file, dataDir, lastReported } = setting;
    await mkdir(dataDir);
    if (!mountTiny(dataDir)) {
      process.stderr.write('skipped: the test of a full disk, which needs the right to mount a tmpfs\n');
      context.skip();
      return;
    }
    try {
      const ballast = join(dataDir, 'ballast');
      const path = await file(small);
      await hub.kill();
      const agent = run(['--model', path, '--camera', 'synthetic:inspection?rate=50', '--top', '8']);
      await agent.says(/serving/);
      await writeFile(ballast, Buffer.alloc(4_000_000)).catch(() => undefined);
      await agent.says(/results stay in memory/);
      await hub.listen();
      await eventually('results', () => hub.history.size >= 100, 30_000);
      expect(lastReported()?.lastError?.code).toBe('disk_full');
      execFileSync('rm', [ballast]);
      await agent.says(/can be written again/);
      expect(await agent.stop()).toBe(0);
      const rows = hub.rows();
      expect(rows.map(({ seq }) => seq)).toEqual(Array.from({ length: rows.length }, (_, index) => index + 1));
    } finally {
      execFileSync('umount', ['--lazy', dataDir]);
    }
  });
});

describe('an orderly end', () => {
  it.skipIf(!hasFfmpeg)('comes with the last frame of a video that is not to begin again', { timeout: 60_000 * patience }, async () => {
    const { hub, run, file, folder } = setting;
    const video = await makeVideo(join(folder, 'once.mp4'), 2);
    const agent = run(['--model', await file(small), '--camera', video, '--no-loop']);
    expect(await agent.exited).toBe(0);
    expect(hub.rows().at(-1)?.frame).toBe(50);
    expect(hub.heard.presence.at(-1)?.message).toMatchObject({ state: 'offline', reason: 'stopped' });
  });

  it.skipIf(!hasFfmpeg)('takes less than five seconds and leaves no child behind', { timeout: 60_000 * patience }, async () => {
    const { hub, run, file, folder } = setting;
    const video = await makeVideo(join(folder, 'belt.mp4'), 3);
    const agent = run(['--model', await file(small), '--camera', video]);
    await eventually('results', () => hub.history.size >= 5);
    const start = performance.now();
    // A terminal and npm both pass Ctrl-C on.
    agent.child.kill('SIGINT');
    agent.child.kill('SIGINT');
    expect(await agent.exited).toBe(0);
    if (!isSlow) expect(performance.now() - start).toBeLessThan(5000);
    expect(ffmpegChildren(video)).toBe('');
  });

  it('logs JSON where that is wanted', { timeout: 60_000 * patience }, async () => {
    const agent = setting.run(['--model', await setting.file(small), '--log-json']);
    await agent.says(/"msg":"connected/);
    expect(await agent.stop()).toBe(0);
    // ONNX Runtime itself speaks of processors that it does not know, such as emulated ones.
    const ours = agent
      .log()
      .split('\n')
      .filter((line) => line !== '' && !line.startsWith('onnxruntime cpuid_info'));
    for (const line of ours) expect(JSON.parse(line)).toMatchObject({ device: 'pi-4', level: expect.any(String) });
  });
});

/** ffmpeg processes that read this file. */
function ffmpegChildren(file: string): string {
  try {
    return execFileSync('pgrep', ['-f', `ffmpeg.*${file}`], { encoding: 'utf8' });
  } catch {
    return '';
  }
}

function mountTiny(folder: string): boolean {
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=1m', 'tmpfs', folder], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}
