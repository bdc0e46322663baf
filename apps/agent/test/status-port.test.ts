/** @file What a supervisor, a scraper and a person see on the loopback port, of the really wired agent. */
import { spawnSync } from 'node:child_process';
import { createServer, request as httpRequest } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { statusLines } from '../src/commands/status.ts';
import type { Health } from '../src/domain/health.ts';
import { askStatus } from '../src/io/status/status-client.ts';
import { StatusServer } from '../src/io/status/status-server.ts';
import { startFakeAgent } from './support/fake-agent.ts';
import { rememberedLog } from './support/logs.ts';
import { variant } from './support/variants.ts';

const small = variant('a');
const ends: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const end of ends.splice(0)) await end();
});

async function startPort() {
  const fake = await startFakeAgent({ known: [small], committed: small });
  const report = fake.agent.report({
    ...{ version: '1.2.3', id: 'pi-4', session: 'session-now', pid: 4711, camera: 'fake "camera"', hub: 'mqtt://hub:1883' },
    runtimes: { node: '20.0.0' },
    patienceMs: 30_000,
    cpuSeconds: () => 12.5,
  });
  const log = rememberedLog();
  const server = new StatusServer({
    port: 0,
    health: () => report.health(),
    status: () => report.status(),
    metrics: () => report.metrics(),
    log,
  });
  const port = (await server.start()) ?? 0;
  ends.push(() => server.stop());
  const get = (path: string, init?: RequestInit) => fetch(`http://127.0.0.1:${port}${path}`, init);
  return { ...fake, report, port, get, log };
}

/** Prometheus' own parser for Python (Debian: python3-prometheus-client). Raises where the text is not of the format. */
const parser = `
import json, sys
from prometheus_client.parser import text_string_to_metric_families
print(json.dumps([[s.name, s.labels, s.value] for f in text_string_to_metric_families(sys.stdin.read()) for s in f.samples]))
`;
type Sample = readonly [name: string, labels: Record<string, string>, value: number];
const python = '/usr/bin/python3';
const hasParser = spawnSync(python, ['-c', 'import prometheus_client']).status === 0;

/** @returns what Prometheus takes for the value of a sample */
function reader(text: string) {
  const { status, stdout, stderr } = spawnSync(python, ['-c', parser], { input: text, encoding: 'utf8' });
  if (status !== 0) throw new Error(stderr);
  const samples = JSON.parse(stdout) as Sample[];
  return (name: string, labels: Record<string, string> = {}) =>
    samples.find(([of, has]) => of === name && Object.entries(labels).every(([key, value]) => has[key] === value))?.[2];
}

describe('/metrics', () => {
  it.skipIf(!hasParser)('is what Prometheus reads, with the counts that are true', async () => {
    const { get, frames, frame, camera, link } = await startPort();
    await frames(5);
    camera.frame();
    camera.frame();
    camera.frame();
    await frame();
    link.listener?.down();
    const response = await get('/metrics');
    expect(response.headers.get('content-type')).toBe('text/plain; version=0.0.4; charset=utf-8');
    const text = await response.text();
    const value = reader(text);
    expect(value('alpharho_agent_frames_captured_total')).toBe(9);
    expect(value('alpharho_agent_frames_classified_total')).toBe(7);
    expect(value('alpharho_agent_frames_dropped_total', { reason: 'newer_frame' })).toBe(2);
    expect(value('alpharho_agent_hub_connected')).toBe(0);
    expect(value('alpharho_agent_ready')).toBe(0);
    expect(value('alpharho_agent_check_ok', { check: 'hub' })).toBe(0);
    expect(value('alpharho_agent_check_ok', { check: 'camera' })).toBe(1);
    expect(value('process_cpu_seconds_total')).toBe(12.5);
    const stage = 'alpharho_agent_stage_duration_seconds';
    expect(value(`${stage}_count`, { stage: 'inference' })).toBe(7);
    expect(value(`${stage}_sum`, { stage: 'inference' })).toBeCloseTo(0.007);
    expect(['0.0005', '0.0025', '+Inf'].map((le) => value(`${stage}_bucket`, { stage: 'inference', le }))).toEqual([0, 7, 7]);
  });

  it('keeps the rules of the format', async () => {
    const { get } = await startPort();
    const text = await (await get('/metrics')).text();
    expect(text.endsWith('\n')).toBe(true);
    const seen = new Set<string>();
    let current = '';
    for (const line of text.trimEnd().split('\n')) {
      const help = /^# (HELP|TYPE) (\S+) /.exec(line);
      if (help?.[1] === 'HELP') {
        current = help[2] ?? '';
        // All samples of one name stand together, under one HELP and one TYPE.
        expect(seen.has(current), current).toBe(false);
        seen.add(current);
      } else if (help === null) {
        expect(line).toMatch(/^[a-z_]+(\{([a-z0-9_]+="(\\.|[^"\\])*",?)+\})? (\d|\+Inf)/);
        expect(line.startsWith(current), line).toBe(true);
      }
    }
    for (const name of seen)
      expect(name).toMatch(
        /^(alpharho_agent|process)_.*(_total|_seconds|_bytes|_celsius|_info|_entries|_ok|_pixels|live|ready|connected|step)$/,
      );
  });
});

describe('/healthz and /readyz', () => {
  const ask = async (get: (path: string) => Promise<Response>, path: string) => {
    const response = await get(path);
    const { checks } = (await response.json()) as Health;
    return [response.status, checks.filter(({ ok }) => !ok).map(({ name }) => name)];
  };

  it('say what is wrong while it is wrong', async () => {
    const { get, frame, link, clock } = await startPort();
    await frame();
    expect(await ask(get, '/readyz')).toEqual([200, []]);
    link.listener?.down();
    expect(await ask(get, '/readyz')).toEqual([503, ['hub']]);
    link.listener?.up();
    await clock.advance(31_000);
    expect(await ask(get, '/readyz')).toEqual([503, ['camera']]);
    expect(await ask(get, '/healthz')).toEqual([200, ['camera']]);
    await frame();
    expect(await ask(get, '/readyz')).toEqual([200, []]);
  });

  it('ask for a restart where frames wait and nothing answers', async () => {
    const { get, camera, clock } = await startPort();
    for (let second = 0; second < 61; second += 1) {
      camera.frame();
      await clock.advance(1000);
    }
    expect(await ask(get, '/healthz')).toEqual([503, ['classifier']]);
  });
});

describe('/status', () => {
  it('is what the command reads and people understand', async () => {
    const { port, frames, clock } = await startPort();
    for (let count = 0; count < 10; count += 1) {
      await frames(1);
      await clock.advance(100);
    }
    const status = await askStatus(port);
    expect(status).toMatchObject({
      id: 'pi-4',
      pid: 4711,
      frames: { captured: 10, classified: 10 },
      framesPerSecond: 10,
      health: { ready: true },
    });
    const lines = statusLines(status as NonNullable<typeof status>);
    expect(lines[0]).toBe('alpharho-agent 1.2.3 as pi-4, process 4711: all is well');
    expect(lines.join('\n')).toContain('10.0 a second; 10 classified since the start');
  });

  it('is told from another program on the port, and from none', async () => {
    const other = createServer((_request, response) => response.end('hello'));
    await new Promise<void>((resolve) => other.listen(0, '127.0.0.1', resolve));
    const { port } = other.address() as AddressInfo;
    await expect(askStatus(port)).rejects.toThrow(`what listens on 127.0.0.1:${port} is no alpharho-agent`);
    await new Promise((resolve) => other.close(resolve));
    expect(await askStatus(port)).toBeUndefined();
  });
});

describe('the port', () => {
  it('answers its own paths, to this machine only', async () => {
    const { get, port } = await startPort();
    expect((await get('/')).status).toBe(404);
    expect((await get('/status', { method: 'POST' })).status).toBe(405);
    // A page in a browser that reaches loopback under a name of its own.
    const rebound = await new Promise<number | undefined>((resolve, reject) => {
      httpRequest({ port, host: '127.0.0.1', path: '/status', headers: { host: 'evil.example' } }, ({ statusCode }) => resolve(statusCode))
        .on('error', reject)
        .end();
    });
    expect(rebound).toBe(421);
  });

  it('that is taken costs a warning and no more', async () => {
    const { port } = await startPort();
    const log = rememberedLog();
    const never = () => Promise.reject(new Error('not asked'));
    const second = new StatusServer({ port, health: never, status: never, metrics: never, log });
    expect(await second.start()).toBeUndefined();
    expect(log.lines.join('\n')).toContain(`no status, health and metrics on 127.0.0.1:${port}: another program listens there`);
    await second.stop();
  });
});

describe('asking a port where something else listens', () => {
  it.each([
    ['<html>hi</html>', 'its answer is not JSON'],
    ['5', 'of this version: Invalid input: expected object'],
  ])('%s', async (answer, told) => {
    const server = createServer((_request, response) => response.end(answer));
    await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
    ends.push(() => new Promise((closed) => server.close(closed)));
    await expect(askStatus((server.address() as AddressInfo).port)).rejects.toThrow(told);
  });
});
