import { mkdtemp, readFile, rm, stat } from 'node:fs/promises';
import { type AddressInfo, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Duplex } from 'node:stream';
import { buildTopic, decode, LatencySketch } from '@alpharho/protocol';
import { Aedes } from 'aedes';
import mqtt from 'mqtt';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { movePlace, placeOf } from '../src/io/announced.ts';
import { MqttAnnouncer } from '../src/io/mqtt/announcer.ts';
import { HomeAssistant } from '../src/runtime/home-assistant.ts';
import { discoverySchema } from './contracts/home-assistant.ts';
import { FakeClock } from './support/fake-clock.ts';
import { rememberedLog } from './support/logs.ts';
import { onWire, variant } from './support/variants.ts';

const cleanUps: (() => Promise<unknown> | undefined)[] = [];
afterEach(async () => {
  for (const cleanUp of cleanUps.splice(0).reverse()) await cleanUp();
});

const topics = {
  config: 'homeassistant/device/alpharho_pi-4/config',
  availability: 'alpharho/v1/pi-4/availability',
  state: buildTopic('state', 'pi-4'),
};

/** Home Assistant's side: a real broker, and a client that listens as Home Assistant does. */
async function newHome() {
  const broker = await Aedes.createBroker();
  const connections = new Map<string, Duplex>();
  broker.on('client', ({ id, conn }) => connections.set(id, conn));
  const server = createServer(broker.handle);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  cleanUps.push(async () => {
    await new Promise<void>((resolve) => broker.close(() => resolve()));
    server.close();
  });
  /** What a client hears that subscribes now: with `retained`, what was kept for it. */
  const listen = async () => {
    const heard: { topic: string; text: string; retained: boolean }[] = [];
    const client = await mqtt.connectAsync(`mqtt://127.0.0.1:${port}`);
    cleanUps.push(() => client.endAsync(true));
    client.on('message', (topic, payload, { retain }) => heard.push({ topic, text: payload.toString(), retained: retain }));
    await client.subscribeAsync(['homeassistant/#', 'alpharho/#']);
    return heard;
  };
  return { url: `mqtt://127.0.0.1:${port}`, listen, cut: (client: string) => connections.get(client)?.destroy() };
}

async function newFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'alpharho-announced-'));
  cleanUps.push(() => rm(folder, { recursive: true, force: true }));
  return folder;
}

function newBoard(url: string, { prefix = 'homeassistant', after = Promise.resolve() } = {}) {
  const clock = new FakeClock();
  const log = rememberedLog();
  const announcer = new MqttAnnouncer({ url, device: 'pi-4', clock, log, after });
  const total = new LatencySketch();
  total.record(5);
  const sketches = { total, capture: total, preprocess: total, inference: total, postprocess: total, publish: total };
  const homeAssistant = new HomeAssistant({
    announcer,
    session: 'session-1',
    board: { device: 'pi-4', version: '1', model: 'Pi' },
    prefix,
    vitals: { recent: { seconds: 10, rate: 29.97, sketches } },
    clock,
  });
  homeAssistant.serves(onWire(variant('a')));
  homeAssistant.updates({ phase: 'idle', revision: 0, frames: 0 });
  homeAssistant.machine({ memoryBytes: 1, temperature: 51.5 });
  homeAssistant.start();
  cleanUps.push(() => homeAssistant.stop());
  const see = (label: string, probability = 0.912_345) =>
    homeAssistant.published({
      ...{ frame: 1, at: 1, ms: 5, rho: 32, variant: 'a'.repeat(64), top: [{ class: 0, label, probability }] },
      stages: { preprocess: 0, inference: 5, postprocess: 0 },
    });
  return { clock, log, homeAssistant, see };
}

const until = <T>(get: () => T | undefined | false): Promise<T> =>
  vi.waitFor(
    () => {
      const found = get();
      if (found === undefined || found === false) throw new Error('not yet');
      return found;
    },
    { timeout: 5000, interval: 10 },
  );

describe('a board in Home Assistant', () => {
  it('is announced with a retained message, is available, and says what it sees once a second', async () => {
    const home = await newHome();
    const heard = await home.listen();
    const { clock, see } = newBoard(home.url);
    const announced = await until(() => heard.find(({ topic }) => topic === topics.config));
    discoverySchema.parse(JSON.parse(announced.text));
    await until(() => heard.some(({ topic, text }) => topic === topics.availability && text === 'online'));
    const states = () => heard.filter(({ topic }) => topic === topics.state).map(({ text }) => text);
    for (const label of ['ok', 'dent', 'ok', 'dent']) see(label);
    await clock.advance(1000);
    const [text = ''] = await until(() => states().length === 1 && states());
    expect(decode('state', Buffer.from(text))).toMatchObject({
      ok: true,
      value: {
        label: 'dent',
        probability: 0.9123,
        framesPerSecond: 30,
        latencyP95: expect.closeTo(5, 0),
        temperature: 51.5,
        update: { inProgress: false },
      },
    });
    see('ok');
    await clock.advance(1000);
    await until(() => states().length === 2);
    // Nothing new: every ten seconds only.
    await clock.advance(9000);
    expect(states()).toHaveLength(2);
    await clock.advance(1000);
    await until(() => states().length === 3);
    // Who comes later hears what was kept: what there is and whether it is there, no old state.
    const late = await home.listen();
    await until(() => late.length >= 2);
    expect(late.map(({ topic, retained }) => [topic, retained]).sort()).toEqual([
      [topics.availability, true],
      [topics.config, true],
    ]);
  });

  it('is not available once it has left, nor once it is lost', async () => {
    const home = await newHome();
    const heard = await home.listen();
    const availability = () => heard.filter(({ topic }) => topic === topics.availability).map(({ text }) => text);
    const { homeAssistant } = newBoard(home.url);
    await until(() => availability().includes('online'));
    await homeAssistant.stop();
    await until(() => availability().join() === 'online,offline');
    newBoard(home.url);
    await until(() => availability().length === 3);
    // The connection breaks without a word: the broker publishes the will.
    home.cut('alpharho-pi-4');
    await until(() => availability().join() === 'online,offline,online,offline');
  });

  it('says once that the broker is away, and nothing waits for it', async () => {
    const { clock, log, homeAssistant, see } = newBoard('mqtt://127.0.0.1:9');
    await until(() => log.lines.length > 0);
    see('ok');
    await clock.advance(60_000);
    await homeAssistant.stop();
    expect(log.lines).toEqual([expect.stringMatching(/^warn Home Assistant's broker mqtt:\/\/127\.0\.0\.1:9 is out of reach/)]);
  });

  it('goes on where a variant answers what the wire does not take', async () => {
    const home = await newHome();
    const heard = await home.listen();
    const { clock, see } = newBoard(home.url);
    await until(() => heard.length >= 2);
    see('x'.repeat(300), 12.5);
    await clock.advance(1000);
    const state = await until(() => heard.find(({ topic }) => topic === topics.state));
    expect(JSON.parse(state.text)).toMatchObject({ label: 'x'.repeat(200), probability: 1 });
  });
});

describe('where a board was announced', () => {
  it('is remembered, for its owner alone, and taken back when it is switched off', async () => {
    const home = await newHome();
    const file = join(await newFolder(), 'announced.json');
    const log = rememberedLog();
    const place = placeOf(home.url, 'pi-4');
    await movePlace(file, place, log);
    expect((await stat(file)).mode & 0o777).toBe(0o600);
    const { homeAssistant } = newBoard(home.url);
    const heard = await home.listen();
    await until(() => heard.length >= 2);
    await homeAssistant.stop();
    await movePlace(file, undefined, log);
    expect(log.lines).toEqual([expect.stringContaining('pi-4 was removed from Home Assistant')]);
    await expect(readFile(file)).rejects.toThrow('ENOENT');
    // Nothing is kept for who comes now.
    const late = await home.listen();
    const marker = await mqtt.connectAsync(home.url);
    await marker.publishAsync('homeassistant/end', 'end');
    await until(() => late.some(({ topic }) => topic === 'homeassistant/end'));
    await marker.endAsync(true);
    expect(late).toHaveLength(1);
  });

  it('is told to leave before it is announced anew at the same broker', async () => {
    const home = await newHome();
    const file = join(await newFolder(), 'announced.json');
    const log = rememberedLog();
    await movePlace(file, placeOf(home.url, 'pi-4'), log);
    const { homeAssistant } = newBoard(home.url);
    const before = await home.listen();
    await until(() => before.length >= 2);
    await homeAssistant.stop();
    newBoard(home.url, { prefix: 'elsewhere', after: movePlace(file, placeOf(`${home.url}/elsewhere`, 'pi-4'), log) });
    await until(() => before.filter(({ topic, text }) => topic === topics.availability && text === 'online').length >= 2);
    const late = await home.listen();
    await until(() => late.length >= 1);
    expect(late.filter(({ retained }) => retained)).toEqual([{ topic: topics.availability, text: 'online', retained: true }]);
    expect(log.lines).toEqual([expect.stringContaining('pi-4 was removed from Home Assistant')]);
  });

  it('is remembered where the broker is away, and tried again at the next start', async () => {
    const file = join(await newFolder(), 'announced.json');
    const log = rememberedLog();
    await movePlace(file, placeOf('mqtt://user:secret@127.0.0.1:9/somewhere', 'pi-4'), log);
    await movePlace(file, undefined, log);
    expect(log.lines).toEqual([expect.stringMatching(/^warn pi-4 could not be removed .*tried again at the next start/)]);
    expect(log.lines.join()).not.toContain('secret');
    expect(JSON.parse(await readFile(file, 'utf8'))).toMatchObject({ prefix: 'somewhere' });
  });
});
