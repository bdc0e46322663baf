import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { buildTopic, type Keys, type MessageOf, type Presence, type Signed } from '@alpharho/protocol';
import { afterEach, describe, expect, it } from 'vitest';
import { FrozenProxy } from '../../../test/support/frozen-proxy.ts';
import { TestHub } from '../../../test/support/hub.ts';
import { rememberedLog } from '../../../test/support/logs.ts';
import { hubKeySet } from '../../../test/support/signing.ts';
import { desiredOf, onWire, variant } from '../../../test/support/variants.ts';
import { eventually, patience } from '../../../test/support/wait.ts';
import type { Clock } from '../../domain/clock.ts';
import { systemClock } from '../system/clock.ts';
import { MqttLink } from './link.ts';

/** For a greeting, a confirmation, and other agents of the name to be gone. What else the link waits for is its next try. */
const patienceMs = [10_000, 20_000, 180_000];

/** Real time, but no wait is longer than some moments: sockets are real. @returns it, and the waits before each try, as they would be */
function hasty(): { clock: Clock; tries: number[] } {
  const tries: number[] = [];
  const after: Clock['after'] = (ms, callback) => {
    const isPatience = patienceMs.includes(ms);
    if (!isPatience) tries.push(ms);
    // A busy machine's broker answers late.
    return systemClock.after(ms / (isPatience ? 5 : 25), callback);
  };
  return { clock: { ...systemClock, after }, tries };
}

const links: MqttLink[] = [];
const hubs: TestHub[] = [];
afterEach(async () => {
  await Promise.all(links.splice(0).map((link) => link.stop(farewell, 1000)));
  await Promise.all(hubs.splice(0).map((hub) => hub.kill()));
});

const presence = { v: 1, session: 'session-1', at: 1 } as const;
const farewell: Presence = { ...presence, state: 'offline', reason: 'stopped' };

async function newHub(options = {}): Promise<TestHub> {
  const hub = await TestHub.start(options);
  hubs.push(hub);
  return hub;
}

function startLink(url: string, session = 'session-1') {
  const presence = { v: 1, session, at: 1 } as const;
  const log = rememberedLog();
  const { clock, tries } = hasty();
  const told = {
    tries,
    ups: 0,
    downs: 0,
    desired: [] as Signed[],
    keys: [] as Keys[],
    acks: [] as MessageOf<'ack'>[],
    requests: [] as string[],
    refused: [] as string[],
    events: [] as string[],
    faults: [] as (string | undefined)[],
  };
  const link = new MqttLink({
    url,
    device: 'pi-4',
    birth: () => ({ ...presence, state: 'online' }),
    will: () => ({ ...presence, state: 'offline', reason: 'lost' }),
    clock,
    random: () => 0,
    log,
    emit: ({ id, message }) => {
      told.events.push(id);
      log.warn(message);
    },
  });
  links.push(link);
  link.start({
    up: () => {
      told.ups += 1;
    },
    down: () => {
      told.downs += 1;
    },
    desired: (desired) => void told.desired.push(desired),
    keys: (keys) => void told.keys.push(keys),
    ack: (ack) => void told.acks.push(ack),
    request: ({ id }) => void told.requests.push(id),
    fault: (error) => void told.faults.push(error?.code),
    refused: (error) => void told.refused.push(`${error.code}: ${error.message}`),
  });
  return { link, log, told };
}

const states = (hub: TestHub): string[] => hub.heard.presence.map(({ message }) => `${message.state} ${message.reason ?? ''}`.trim());
const reported: MessageOf<'reported'> = {
  v: 1,
  session: 'session-1',
  at: 1,
  serving: onWire(variant('a')),
  servingSince: 1,
  revision: 0,
  phase: 'idle',
  phaseSince: 1,
};

describe('the link', () => {
  it('says who it is before anything else, and farewell at the end', async () => {
    const hub = await newHub();
    const { link, told } = startLink(hub.url);
    await eventually('the connection', () => told.ups === 1);
    await link.publish('reported', reported);
    await link.stop(farewell, 1000);
    expect(states(hub)).toEqual(['online', 'offline stopped']);
    expect(hub.heard.reported).toHaveLength(1);
  });

  it('leaves a last will for the case that it cannot', async () => {
    const hub = await newHub();
    const { told } = startLink(hub.url);
    await eventually('the connection', () => told.ups === 1);
    // The broker publishes the will when the connection breaks.
    const broken = hub as unknown as { sockets: Set<{ destroy: () => void }> };
    for (const socket of broken.sockets) socket.destroy();
    await eventually('the will', () => states(hub).includes('offline lost'));
    await eventually('the next birth', () => states(hub).filter((state) => state === 'online').length === 2);
  });

  it('hears what is desired, also what was retained before it came', async () => {
    const hub = await newHub();
    hub.desire('pi-4', desiredOf(variant('b'), 3));
    const { told } = startLink(hub.url);
    await eventually('the retained one', () => told.desired.length === 1);
    hub.desire('pi-4', desiredOf(variant('c'), 4));
    await eventually('the next one', () => told.desired.length === 2);
    expect(told.desired.map(({ body }) => JSON.parse(body).revision)).toEqual([3, 4]);
    expect(told.keys).toEqual([hubKeySet]);
  });

  it('comes back after the hub was away, says so in one line each, and hands nothing old over', async () => {
    const hub = await newHub();
    const { link, log, told } = startLink(hub.url);
    await eventually('the connection', () => told.ups === 1);
    await hub.kill();
    await eventually('the loss', () => told.downs === 1);
    await expect(link.publish('reported', reported)).rejects.toThrow('no connection');
    await eventually('several tries', () => told.tries.length >= 4);
    await hub.listen();
    await eventually('the connection again', () => told.ups === 2);
    expect(log.lines).toEqual([
      expect.stringMatching(/^info connected to mqtt:\/\/127/),
      expect.stringMatching(/^warn broker mqtt:\/\/127.* is out of reach/),
      expect.stringMatching(/^info connected to mqtt:\/\/127/),
    ]);
    expect(hub.heard.reported).toEqual([]);
  });

  it('lives with a broker that is not there, and says so once', async () => {
    const { log, told } = startLink('mqtt://user:secret@127.0.0.1:9');
    await eventually('several tries', () => told.tries.length >= 4);
    expect(log.lines).toEqual([expect.stringMatching(/^warn broker mqtt:\/\/127\.0\.0\.1:9 is out of reach \(.*ECONNREFUSED/)]);
  });

  it('lives with a broker that refuses it, says so once, and gets in when it may', async () => {
    const hub = await newHub({ refuses: true });
    const { log, told } = startLink(hub.url);
    await eventually('several tries', () => hub.connections >= 3);
    expect(log.lines).toEqual([expect.stringMatching(/^warn broker .* refuses pi-4: .*check its address and credentials/)]);
    await hub.kill();
    await hub.listen();
    await eventually('the connection', () => told.ups === 1);
  });

  it('names what is wrong with a message, and takes the next good one', async () => {
    const hub = await newHub();
    const { told, log } = startLink(hub.url);
    await eventually('the connection', () => told.ups === 1);
    const topic = buildTopic('desired', 'pi-4');
    const good = desiredOf(variant('b'), 1);
    hub.publishRaw(topic, Buffer.from('not json'));
    hub.publishRaw(topic, Buffer.from(JSON.stringify({ ...good, v: 2 })));
    hub.publishRaw(topic, Buffer.from(JSON.stringify({ ...good, keyId: 'x' })));
    hub.publishRaw(topic, Buffer.alloc(100_000, 'x'));
    hub.publishRaw(topic, Buffer.alloc(0));
    hub.publishRaw(buildTopic('ack', 'pi-4'), Buffer.from('{"v":1}'));
    hub.publishRaw(topic, Buffer.from(JSON.stringify(good)));
    await eventually('the good one', () => told.desired.length === 1);
    expect(told.refused).toEqual([
      'payload_not_json: desired: not JSON in UTF-8',
      'version_unsupported: desired: version 2, expected 1',
      expect.stringMatching(/^payload_invalid: desired: keyId: /),
      'payload_too_large: desired: 100000 bytes, at most 65536',
    ]);
    expect(log.lines.filter((line) => line.includes('an ack that cannot be read'))).toHaveLength(1);
  });

  it('takes no message for another device', async () => {
    const hub = await newHub();
    const { link, told } = startLink(hub.url);
    await eventually('the connection', () => told.ups === 1);
    // No broker should ever do this; a misconfigured bridge does.
    const { client } = link as unknown as { client: { emit: (event: string, topic: string, payload: Buffer) => void } };
    client.emit('message', buildTopic('desired', 'pi-5'), Buffer.from(JSON.stringify(desiredOf(variant('b'), 1))));
    expect(told.desired).toEqual([]);
    expect(told.refused).toEqual([expect.stringMatching(/^wrong_device: .*pi-5.*pi-4/)]);
  });

  it('ends also while it has no connection', async () => {
    const { link } = startLink('mqtt://127.0.0.1:9');
    await link.stop(farewell, 1000);
    const other = await newHub();
    const young = startLink(other.url);
    await young.link.stop(farewell, 1000);
    expect(young.told.ups).toBe(0);
  });

  it.each([
    ['does not even answer', 'never', /connack timeout/],
    ['takes the connection and then says nothing', 'connack', /birth and subscriptions/],
  ] as const)('leaves a broker that %s, says so once, and tries again', { timeout: 40_000 * patience }, async (_what, answers, reason) => {
    const proxy = await FrozenProxy.start({ answers });
    const { told, log } = startLink(proxy.url);
    await eventually('two tries', () => proxy.connections >= 2, 30_000);
    expect(told.events).toEqual(['link.silent']);
    expect(log.lines.join('\n')).toMatch(reason);
    expect(log.lines).toHaveLength(1);
    expect(told.ups).toBe(0);
    await proxy.stop();
  });

  it('leaves a connection on which nothing is confirmed any more, and comes back by another one', async () => {
    const hub = await newHub();
    const proxy = await FrozenProxy.start({ port: hub.port });
    const { link, told } = startLink(proxy.url);
    await eventually('the connection', () => told.ups === 1);
    proxy.freeze();
    await expect(link.publish('reported', reported)).rejects.toMatchObject({ code: 'broker_unreachable' });
    expect(told.events).toEqual(['link.silent']);
    proxy.thaw();
    await eventually('the next one', () => told.ups === 2);
    await link.publish('reported', reported);
    await proxy.stop();
  });

  it('leaves nobody waiting for a confirmation when it ends', async () => {
    const hub = await newHub();
    const proxy = await FrozenProxy.start({ port: hub.port });
    try {
      const { link, told } = startLink(proxy.url);
      await eventually('the connection', () => told.ups === 1);
      proxy.freeze();
      const sent = expect(link.publish('reported', reported)).rejects.toMatchObject({ code: 'broker_unreachable' });
      await link.stop(farewell, 50);
      await sent;
    } finally {
      await proxy.stop();
    }
  });

  it('tells of another agent of the same name, and does not fight with it many times a second', {
    timeout: 40_000 * patience,
  }, async () => {
    const hub = await newHub();
    const one = startLink(hub.url, 'session-one');
    await eventually('the first', () => one.told.ups === 1);
    const two = startLink(hub.url, 'session-two');
    await eventually('both to know', () => one.told.faults.length > 0 && two.told.faults.length > 0, 30_000);
    expect([...one.told.faults, ...two.told.faults]).toEqual(['duplicate_id', 'duplicate_id']);
    expect(one.told.events).toContain('link.duplicate');
    expect(one.log.lines.join('\n')).toMatch(/another agent calls itself pi-4 \(session session-two\): .* give each its own --id/);
    for (const { told } of [one, two]) {
      const before = told.tries.length;
      await eventually('the next try', () => told.tries.length > before);
      expect(told.tries.at(-1)).toBeGreaterThanOrEqual(30_000 / 2);
    }
  });

  it('does not take the process that ran before it for another agent', async () => {
    const hub = await newHub();
    const before = startLink(hub.url, 'session-old');
    await eventually('the first', () => before.told.ups === 1);
    const { client } = before.link as unknown as { client: { stream: { destroy: () => void } } };
    const gone = before.link.stop(farewell, 0);
    client.stream.destroy();
    await gone;
    const { told } = startLink(hub.url, 'session-new');
    await eventually('the next', () => told.ups === 1);
    hub.desire('pi-4', desiredOf(variant('b'), 1));
    await eventually('what the hub says after that', () => told.desired.length === 1);
    expect(told.faults).toEqual([]);
  });

  it('keeps no memory for each length of message that it ever sent', async () => {
    const hub = await newHub();
    const { link, told } = startLink(hub.url);
    await eventually('the connection', () => told.ups === 1);
    const sayAll = async (first: number): Promise<void> => {
      for (let length = first; length < first + 200; length += 1) {
        // In between a process allocates other things from the same pool.
        Buffer.allocUnsafe(4000).fill(0);
        Buffer.allocUnsafe(4000).fill(0);
        await link.publish('snapshot', {
          v: 1,
          id: 'request-1',
          session: 'session-1',
          at: 1,
          error: { code: 'internal', message: 'x'.repeat(length), at: 1 },
        });
      }
    };
    await sayAll(1);
    const before = await heldBytes();
    await sayAll(201);
    expect(((await heldBytes()) - before) / 200).toBeLessThan(1000);
  });
});

/** What is freed is counted as that a little after the collection, so the least of several looks is what is held. */
async function heldBytes(): Promise<number> {
  setFlagsFromString('--expose-gc');
  const collect = runInNewContext('gc') as () => void;
  const looks: number[] = [];
  for (let look = 0; look < 5; look += 1) {
    collect();
    await new Promise((resolve) => setTimeout(resolve, 20));
    looks.push(process.memoryUsage().arrayBuffers);
  }
  return Math.min(...looks);
}
