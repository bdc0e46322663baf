/** @file A disk that takes 200 ms for each write and each fsync, as a worn SD card does: strace holds the calls up in the kernel. */
import { execFileSync } from 'node:child_process';
import { afterEach, beforeEach, expect, it } from 'vitest';
import type { AgentProcess } from './support/agent-process.ts';
import { framesLost, outboxHolds } from './support/metrics.ts';
import { freePort } from './support/ports.ts';
import { model, newSetting, type Setting } from './support/setting.ts';
import { eventually, isSlow, patience } from './support/wait.ts';

const small = model(64);
/** The tracer stands beside the agent, so that the process that is started is the agent itself. */
const traced = ['-D', '-f', '--seccomp-bpf', '-o', '/dev/null', '-e', 'trace=pwrite64,fdatasync,fsync'];
const delay = ['-e', 'inject=pwrite64,fdatasync,fsync:delay_exit=200000'];

const canTrace = ((): boolean => {
  try {
    execFileSync('strace', [...traced, ...delay, 'true'], { stdio: 'ignore' });
    return true;
  } catch {
    process.stderr.write('skipped: the test of a slow disk, which needs strace and the right to trace\n');
    return false;
  }
})();

let setting: Setting;
beforeEach(async () => {
  setting = await newSetting([small]);
});
afterEach(() => setting.end());

// The tracer would delay what the emulator writes.
it.skipIf(!canTrace || isSlow)('a slow disk delays no frame, and loses none', { timeout: 200_000 * patience }, async () => {
  const { hub, run, file } = setting;
  const port = await freePort();
  const given = ['--model', await file(small), '--status-port', String(port)];
  const latency = async (agent: AgentProcess): Promise<number> => {
    const begin = hub.history.size;
    await eventually('results', () => hub.history.size >= begin + 10, 30_000);
    // What is not acknowledged is written every second.
    hub.acknowledges = false;
    await outboxHolds(port, 60);
    hub.acknowledges = true;
    const session = hub.heard.presence.at(-1)?.message.session;
    // What waited in the outbox comes beside what is new.
    const isWhole = (): boolean => hub.rows(session).at(-1)?.seq === hub.rows(session).length;
    await eventually('all results', () => hub.history.size >= begin + 100 && isWhole(), 60_000);
    const lost = await framesLost(port);
    expect(await agent.stop()).toBe(0);
    const rows = hub.rows(session);
    expect(rows.map(({ seq }) => seq)).toEqual(rows.map((_, index) => index + 1));
    const frames = rows.map(({ frame }) => frame);
    expect(frames).toEqual([...new Set(frames)].toSorted((one, other) => one - other));
    expect(lost).toBe(0);
    const sorted = rows.map(({ ms }) => ms).sort((one, other) => one - other);
    return sorted[Math.floor(sorted.length / 2)] ?? 0;
  };
  // Both are traced: what tracing itself costs is not the disk's.
  const usual = await latency(run(given, { under: ['strace', ...traced] }));
  const slow = await latency(run(given, { under: ['strace', ...traced, ...delay] }));
  process.stdout.write(`captured to result, median: ${usual.toFixed(2)} ms, with 200 ms for each write and fsync ${slow.toFixed(2)} ms\n`);
  // One that waited for the disk would take 200 ms more.
  expect(slow).toBeLessThan(usual * 2 + 20);
});
