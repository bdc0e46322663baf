/** @file The hub as operators run it: killed at any moment, stopped, and started where it cannot run. */
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openDatabase } from '@alpharho/db';
import { buildTopic, decode } from '@alpharho/protocol';
import mqtt from 'mqtt';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { connectDevice } from './support/device.ts';
import { variantFile } from './support/files.ts';
import { presence, results, session } from './support/messages.ts';
import { freePort, TestProcess } from './support/process.ts';

let folder: string;
let env: Record<string, string>;
let port: number;
const started: TestProcess[] = [];

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'alpharho-process-'));
  port = await freePort();
  env = { ALPHARHO_DATA_DIR: join(folder, 'data'), ALPHARHO_MQTT_PORT: String(port), ALPHARHO_HTTP_PORT: String(await freePort()) };
});
afterEach(async () => {
  for (const each of started.splice(0)) await each.kill('SIGKILL');
  await rm(folder, { recursive: true });
});

function alpharho(...args: string[]): TestProcess {
  const created = new TestProcess(args, env);
  started.push(created);
  return created;
}

async function startHub(): Promise<TestProcess> {
  const hub = alpharho('hub');
  await hub.says('the hub runs');
  return hub;
}

/** Sends batches as an agent's outbox does: a few in flight, each kept until it is acknowledged, all of them again after a reconnect. */
class Outbox {
  readonly client: mqtt.MqttClient;
  acknowledged = 0;
  private readonly unacknowledged = new Map<number, string>();
  private nextSeq = 1;
  private readonly total: number;
  private readonly inFlight = 4;
  private onAck: () => void = () => undefined;

  constructor(total: number) {
    this.total = total;
    this.client = mqtt.connect(`mqtt://127.0.0.1:${port}`, { clientId: 'line-01', reconnectPeriod: 20, queueQoSZero: false });
    this.client.on('error', () => undefined);
    this.client.on('message', (_, payload) => this.forget(payload));
    this.client.on('connect', () => {
      this.client.subscribe(buildTopic('ack', 'line-01'), { qos: 1 }, () => {
        this.client.publish(buildTopic('presence', 'line-01'), JSON.stringify(presence()), { qos: 1 });
        for (const batch of this.unacknowledged.values()) this.publish(batch);
        this.fill();
      });
    });
  }

  /** Ends when so many results are acknowledged. */
  async reaches(count: number): Promise<void> {
    while (this.acknowledged < count) await new Promise<void>((resolve) => (this.onAck = resolve));
  }

  private fill(): void {
    while (this.unacknowledged.size < this.inFlight && this.nextSeq <= this.total) {
      const batch = JSON.stringify(results({ from: this.nextSeq, count: 25 }));
      this.unacknowledged.set(this.nextSeq, batch);
      this.nextSeq += 25;
      this.publish(batch);
    }
  }

  private publish(batch: string): void {
    if (this.client.connected) this.client.publish(buildTopic('results', 'line-01'), batch, { qos: 0 });
  }

  private forget(payload: Buffer): void {
    const ack = decode('ack', payload);
    if (!ack.ok) throw new Error(ack.message);
    for (const { from, to } of ack.value.acks) {
      for (let seq = from; seq <= to; seq += 25) if (this.unacknowledged.delete(seq)) this.acknowledged += 25;
    }
    this.fill();
    this.onAck();
  }
}

describe('alpharho hub', () => {
  it('killed again and again in the middle of it, has every result once', async () => {
    let hub = await startHub();
    const total = 5000;
    const outbox = new Outbox(total);
    for (const share of [0.1, 0.35, 0.6, 0.85]) {
      await outbox.reaches(total * share);
      await hub.kill('SIGKILL');
      hub = await startHub();
    }
    await outbox.reaches(total);
    outbox.client.end(true);
    await hub.kill('SIGTERM');
    const db = await openDatabase({ file: join(env.ALPHARHO_DATA_DIR ?? '', 'alpharho.db') });
    const rows = await db.result.findMany({ select: { seq: true }, where: { session: { session } }, orderBy: { seq: 'asc' } });
    expect(rows.map(({ seq }) => seq)).toEqual(Array.from({ length: total }, (_, index) => index + 1));
    await db.$disconnect();
  });

  it.each(['SIGINT', 'SIGTERM'] as const)('stops within 5 s at %s, with what was sent before', async (signal) => {
    const hub = await startHub();
    const device = await connectDevice({ port });
    await device.sendResults(results());
    const begun = performance.now();
    expect(await hub.kill(signal)).toMatchObject({ code: 0, stdout: expect.stringContaining('the hub has stopped') });
    expect(performance.now() - begun).toBeLessThan(5000);
    device.client.end(true);
  });

  it('stops in its order though Ctrl-C is heard twice, as it is under npm', async () => {
    const hub = await startHub();
    hub.child.kill('SIGINT');
    await hub.says('the hub stops');
    expect(await hub.kill('SIGINT')).toMatchObject({ code: 0, stdout: expect.stringContaining('the hub has stopped') });
  });

  it('says in one line that its port is in use', async () => {
    for (const name of ['ALPHARHO_MQTT_PORT', 'ALPHARHO_HTTP_PORT']) {
      const other = createServer().listen(Number(env[name]), '127.0.0.1');
      await once(other, 'listening');
      const { code, stderr } = await alpharho('hub').ended;
      expect([code, stderr.trim().split('\n')]).toEqual([1, [expect.stringContaining(`127.0.0.1:${env[name]}: another program does`)]]);
      expect(stderr).toContain(name);
      other.close();
      await once(other, 'close');
    }
  });

  it('says in one line that its data folder cannot be written', async () => {
    await writeFile(join(folder, 'file'), '');
    env.ALPHARHO_DATA_DIR = join(folder, 'file', 'data');
    const { code, stderr } = await alpharho('hub').ended;
    expect([code, stderr.trim().split('\n')]).toEqual([1, [expect.stringContaining(`${env.ALPHARHO_DATA_DIR} cannot be created`)]]);
  });

  it('says in one line that its database is damaged', async () => {
    await alpharho('migrate').ended;
    const file = join(env.ALPHARHO_DATA_DIR ?? '', 'alpharho.db');
    await writeFile(file, 'no database '.repeat(1000));
    const { code, stderr } = await alpharho('hub').ended;
    expect([code, stderr.trim().split('\n')]).toEqual([1, [expect.stringContaining(`${file}: the database is damaged`)]]);
  });

  it('says in one line which setting is wrong', async () => {
    env.ALPHARHO_MQTT_PORT = 'seven';
    const { code, stderr } = await alpharho('hub').ended;
    expect([code, stderr.trim().split('\n')]).toEqual([
      1,
      [expect.stringContaining('ALPHARHO_MQTT_PORT is "seven": a port is expected, 1 to 65535')],
    ]);
  });
});

describe('alpharho start', () => {
  const answers = () =>
    fetch(`http://127.0.0.1:${env.ALPHARHO_HTTP_PORT}/healthz`).then(
      (response) => response.ok,
      () => false,
    );

  beforeEach(async () => {
    env.ALPHARHO_WEB_PORT = String(await freePort());
  });

  it('says in one line why the hub does not start, and does not try again', async () => {
    await alpharho('migrate').ended;
    await writeFile(join(env.ALPHARHO_DATA_DIR ?? '', 'alpharho.db'), 'no database '.repeat(1000));
    const { code, stdout, stderr } = await alpharho('start', '--no-demo').ended;
    expect([code, stdout, stderr.trim().split('\n')]).toEqual([1, '', [expect.stringMatching(/^alpharho: hub ended .* is damaged/)]]);
  });

  it('leaves nothing running though Ctrl-C is heard twice', async () => {
    const all = alpharho('start', '--no-demo');
    await expect.poll(answers).toBe(true);
    all.child.kill('SIGINT');
    await all.says('Stopping');
    expect(await all.kill('SIGINT')).toMatchObject({ code: 0, stderr: '' });
    expect(await answers()).toBe(false);
  });
});

describe('alpharho variants', () => {
  it('says in one line that a file cannot be kept', async () => {
    await writeFile(join(folder, 'v.onnx'), variantFile());
    await alpharho('migrate').ended;
    // A file in the place of the models' folder stands for a disk that takes nothing.
    await writeFile(join(env.ALPHARHO_DATA_DIR ?? '', 'models'), '');
    const { code, stderr } = await alpharho('variants', 'add', join(folder, 'v.onnx'), '/dev/zero').ended;
    expect([code, stderr.trim().split('\n')]).toEqual([
      1,
      [expect.stringMatching(/v\.onnx: .*models.* cannot be written/), expect.stringMatching(/\/dev\/zero: is not a regular file/)],
    ]);
  });

  it('adds files, tells the bad ones, and lists what it has', async () => {
    const [good, bad] = [join(folder, 'v.onnx'), join(folder, 'bad.onnx')];
    await writeFile(good, variantFile());
    await writeFile(bad, 'no model');
    const added = await alpharho('variants', 'add', bad, good, join(folder, 'missing.onnx')).ended;
    expect(added.code).toBe(1);
    expect(added.stdout).toMatch(/^[0-9a-f]{12} {2}V1 0\.25×128 f32 untrained {2}.*v\.onnx\n$/);
    expect(added.stderr.trim().split('\n')).toEqual([
      expect.stringMatching(/^alpharho: .*bad\.onnx: /),
      '  it follows the variant contract',
      expect.stringMatching(/^alpharho: .*missing\.onnx: cannot be read \(ENOENT\)$/),
    ]);
    const listed = await alpharho('variants', 'list').ended;
    expect(listed.stdout).toContain('V1 0.25×128 f32 untrained');
    expect(JSON.parse((await alpharho('variants', 'list', '--json').ended).stdout)).toMatchObject([
      { family: 'v1', stored: true, servedBy: 0 },
    ]);
  });
});

describe('alpharho enroll-token', () => {
  it('prints what to type on a board, and the running hub lets that board in once', async () => {
    await startHub();
    const { stdout, stderr, code } = await alpharho('enroll-token', '--for', 'pi-4', '--ttl', '30m').ended;
    expect(code).toBe(0);
    expect(stderr).toMatch(/Works once, until 20.*this machine only/s);
    const [, url, token] = /^npx alpharho-agent enroll (http:\/\/\S+) --token (\S+)\n$/.exec(stdout) ?? [];
    const hardware = { model: 'Test board', arch: 'arm64', cores: 4, memoryBytes: 4e9 };
    const body = JSON.stringify({ v: 1, token, hostname: 'raspberrypi', agent: { version: '0.1.0' }, hardware });
    const enrol = () => fetch(`${url}/v1/enroll`, { method: 'POST', body, headers: { 'content-type': 'application/json' } });
    expect(await (await enrol()).json()).toEqual({
      ...{ v: 1, id: 'pi-4', hub: `mqtt://127.0.0.1:${port}`, modelsUrl: url },
      keys: { v: 1, body: expect.stringContaining('"version":1'), signatures: [expect.any(Object)] },
    });
    expect((await enrol()).status).toBe(403);
  });

  it.each([
    [['--ttl', '1w'], '--ttl is "1w": a time from 1m to 24h is expected'],
    [['--ttl', '25h'], '--ttl is "25h"'],
    [['--ttl', '0m'], '--ttl is "0m"'],
    [['--for', '../x'], '--for is "../x": a device id is'],
  ])('says in one line that %j cannot be', async (args, words) => {
    const { code, stdout, stderr } = await alpharho('enroll-token', ...args).ended;
    expect([code, stdout, stderr.trim().split('\n')]).toEqual([1, '', [expect.stringContaining(words)]]);
  });
});
