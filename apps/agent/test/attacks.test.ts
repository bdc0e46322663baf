/**
 * @file The attacks of the Uptane standard's threat model (and some more) on updates, by name, against the real agent: each is refused with
 * a code of its own, told to the hub, and what serves goes on. src/runtime/update/door.test.ts has the finer table.
 */
import { setTimeout as wait } from 'node:timers/promises';
import { buildTopic, type Signed } from '@alpharho/protocol';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { AgentProcess } from './support/agent-process.ts';
import { type Model, model, newSetting, type Setting } from './support/setting.ts';
import { hubKeys, keySet, newKey, signDocument, signText } from './support/signing.ts';
import { desiredBodyOf, desiredOf, manifestOf, type Terms, testDevice } from './support/variants.ts';
import { eventually, patience } from './support/wait.ts';

const serving: Model = model(64);
const wanted: Model = model(96);
const other: Model = model(96, 2);
const third: Model = model(96, 3);
const day = 86_400_000;

let setting: Setting;
let agent: AgentProcess;
let revision = 0;

const start = async (args: readonly string[] = []): Promise<void> => {
  setting = await newSetting([serving, wanted, other, third]);
  agent = setting.run(['--model', await setting.file(serving), ...args]);
  await eventually('results', () => setting.hub.history.size >= 2, 30_000);
  revision = 0;
};

/** A good desired state that keeps the agent where it is, so that there is something to replay and a key set to trust. */
const trust = async (): Promise<void> => {
  revision += 1;
  setting.desire(serving, revision, { issuedAt: Date.now() });
  await eventually('the agreement', () => setting.lastReported()?.phase === 'committed');
};

const send = (signed: Signed): void => setting.hub.publishRaw(buildTopic('desired', testDevice), Buffer.from(JSON.stringify(signed)));
const next = (terms: Terms = {}): Signed => desiredOf(wanted.variant, revision + 1, terms);

/** What serves has gone on. */
const goesOn = async (): Promise<void> => {
  const count = setting.hub.history.size;
  await eventually('more results', () => setting.hub.history.size > count + 3);
  expect(setting.lastReported()?.serving.sha256).toBe(serving.variant.sha256);
  expect(new Set(setting.hub.rows().map(({ sha256 }) => sha256))).toEqual(new Set([serving.variant.sha256]));
  expect(agent.child.exitCode).toBeNull();
};

const eventsWith = (id: string, code: string): number =>
  setting.hub.heard.events.filter(({ message }) => message.id === id && message.detail?.code === code).length;

const flip = (text: string): string => {
  const bytes = Buffer.from(text, 'base64');
  bytes[7] = (bytes[7] ?? 0) ^ 0x10;
  return bytes.toString('base64');
};

describe('a desired state that', () => {
  beforeAll(async () => {
    await start();
    await trust();
    await trust();
  }, 60_000 * patience);
  afterAll(() => setting.end());

  const stranger = newKey('desired');
  const attacks: [name: string, code: string, message: () => Signed][] = [
    ['is signed with a wrong key', 'key_unknown', () => signDocument('desired', desiredBodyOf(wanted.variant, revision + 1), stranger)],
    [
      'is signed by a stranger under a known name',
      'signature_invalid',
      () => ({ ...signText('desired', next().body, stranger), keyId: hubKeys.desired.id }),
    ],
    ['has a flipped bit in its signature', 'signature_invalid', () => ({ ...next(), signature: flip(next().signature) })],
    [
      'was changed on its way',
      'signature_invalid',
      () => ({ ...next(), body: next().body.replace('"shadow":{"frames":0', '"shadow":{"frames":1') }),
    ],
    ['names a variant that no release key has signed', 'key_role', () => next({ manifestBy: hubKeys.desired })],
    ['names an arbitrary file that a stranger has signed', 'key_unknown', () => next({ manifestBy: newKey('release') })],
    ['has expired', 'desired_expired', () => next({ issuedAt: Date.now() - 2 * day, expiresAt: Date.now() - day })],
    ['is an older one, replayed (rollback)', 'desired_stale', () => desiredOf(wanted.variant, 1)],
    ['names another variant under a number that was used', 'desired_stale', () => desiredOf(wanted.variant, revision)],
    ['is for another device', 'wrong_device', () => next({ device: 'pi-5' })],
    [
      'mixes and matches: the manifest of one variant with the digest of another',
      'signature_invalid',
      () =>
        next({ manifestText: JSON.stringify({ ...manifestOf(wanted.variant), variant: manifestOf(other.variant).variant, signedAt: 1 }) }),
    ],
    ['climbs out of the folder of models', 'url_refused', () => next({ url: '/models/../../../etc/shadow' })],
    ['climbs with escapes', 'url_refused', () => next({ url: '/models/%2e%2e/keys' })],
    ['leads to another host by a user name', 'url_refused', () => next({ url: 'http://hub.example@127.0.0.1:1/x' })],
    [
      'leads to another host by two slashes',
      'payload_invalid',
      () => signText('desired', next().body.replace('"/models/', '"//127.0.0.1:1/'), hubKeys.desired),
    ],
  ];

  it.each(attacks)('%s is refused: %s', { timeout: 30_000 * patience }, async (_name, code, message) => {
    // Of two with one code, the second is news only after something else was right.
    setting.desire(serving, revision, { issuedAt: Date.now() });
    await eventually('the all-clear', () => setting.lastReported()?.lastError === undefined);
    send(message());
    await eventually(code, () => setting.lastReported()?.lastError?.code === code);
    expect(setting.lastReported()?.revision).toBe(revision);
    await goesOn();
    expect(setting.server.ranges).toEqual([]);
  });

  it('is refused is an event each time, as often as events may be', () => {
    for (const code of ['key_unknown', 'signature_invalid', 'key_role', 'desired_expired', 'desired_stale', 'wrong_device']) {
      expect(eventsWith('desired.refused', code)).toBeGreaterThan(0);
    }
  });

  it('is in order all the same is followed', { timeout: 30_000 * patience }, async () => {
    setting.desire(wanted, revision + 1);
    await eventually('the commit', () => setting.lastReported()?.serving.sha256 === wanted.variant.sha256);
  });
});

describe('a server that', () => {
  beforeAll(() => start(['--download-floor', '1000 kB/s']), 60_000 * patience);
  afterAll(() => setting.end());

  const flipped = Buffer.from(wanted.bytes);
  flipped[flipped.length >> 1] = (flipped[flipped.length >> 1] ?? 0) ^ 1;
  const attacks: [name: string, code: string, outcome: string, misbehave: (server: Setting['server']['misbehaviour']) => void][] = [
    [
      'sends an arbitrary file of the same length',
      'digest_mismatch',
      'refused',
      (server) => (server.bytes = Buffer.alloc(wanted.bytes.length, 7)),
    ],
    ['sends the file with one bit flipped', 'digest_mismatch', 'refused', (server) => (server.bytes = flipped)],
    ['sends the file cut short', 'length_mismatch', 'refused', (server) => (server.bytes = wanted.bytes.subarray(0, -1))],
    ['sends another variant in its place', 'digest_mismatch', 'refused', (server) => (server.bytes = other.bytes)],
    [
      'offers more than was promised',
      'download_endless',
      'failed_no_change',
      (server) => (server.bytes = Buffer.concat([wanted.bytes, Buffer.alloc(1)])),
    ],
    [
      'hands the bytes out one by one (slow retrieval)',
      'download_too_slow',
      'failed_no_change',
      (server) => (server.trickle = { bytes: 64, everyMs: 100 }),
    ],
  ];

  it.each(attacks)('%s gets nothing into service: %s', { timeout: 120_000 * patience }, async (_name, code, outcome, misbehave) => {
    const { server, desire, lastReported } = setting;
    for (const key of Object.keys(server.misbehaviour)) delete (server.misbehaviour as Record<string, unknown>)[key];
    misbehave(server.misbehaviour);
    revision += 1;
    desire(wanted, revision);
    // Slow retrieval is judged over a minute.
    await eventually(code, () => lastReported()?.revision === revision && lastReported()?.lastError?.code === code, 90_000);
    expect(lastReported()).toMatchObject({ phase: 'failed', outcome });
    await goesOn();
  });

  it('sends an honest file whose manifest says something else of it gets nothing into service (mix-and-match)', {
    timeout: 60_000 * patience,
  }, async () => {
    const { server, desire, lastReported } = setting;
    for (const key of Object.keys(server.misbehaviour)) delete (server.misbehaviour as Record<string, unknown>)[key];
    for (const lie of [{ alpha: 0.5 }, { rho: 64 }, { weights: 'trained' as const }]) {
      revision += 1;
      desire(other, revision, { manifest: { variant: { ...manifestOf(other.variant).variant, ...lie } } });
      await eventually('the refusal', () => lastReported()?.revision === revision && lastReported()?.outcome === 'refused');
      expect(lastReported()?.lastError?.code).toBe('variant_mismatch');
    }
    revision += 1;
    desire(other, revision, { manifest: { labels: 'f'.repeat(64) } });
    await eventually('the refusal', () => lastReported()?.revision === revision && lastReported()?.outcome === 'refused');
    expect(lastReported()?.lastError?.code).toBe('variant_mismatch');
    await goesOn();
  });

  // The last one: the bytes up to the promised length are the right ones, and the next try takes them.
  it('sends endless data gets nothing more than was promised: download_endless', { timeout: 60_000 * patience }, async () => {
    const { server, desire, lastReported } = setting;
    server.misbehaviour.endless = true;
    revision += 1;
    desire(third, revision);
    await eventually('the refusal', () => lastReported()?.revision === revision && lastReported()?.lastError?.code === 'download_endless');
    expect(lastReported()).toMatchObject({ outcome: 'failed_no_change', serving: { sha256: serving.variant.sha256 } });
  });
});

describe('whoever keeps newer desired states away (freeze)', () => {
  it('is told of when the latest has expired, also after a restart without any hub', { timeout: 90_000 * patience }, async () => {
    await start();
    try {
      setting.desire(serving, 1, { issuedAt: Date.now(), expiresAt: Date.now() + 4000 });
      await eventually('the agreement', () => setting.lastReported()?.phase === 'committed');
      expect(setting.lastReported()?.lastError).toBeUndefined();
      expect(await agent.stop()).toBe(0);
      await wait(4000);
      const { hub } = setting;
      hub.heard.reported.length = 0;
      agent = setting.run(['--model', await setting.file(serving)]);
      await eventually('the freeze', () => setting.lastReported()?.lastError?.code === 'desired_expired');
      await goesOn();
      setting.desire(serving, 1, { issuedAt: Date.now() });
      await eventually('the all-clear', () => setting.lastReported()?.lastError === undefined);
      expect(await agent.stop()).toBe(0);
    } finally {
      await setting.end();
    }
  });
});

describe('keys', () => {
  const release = newKey('release');
  const desired = newKey('desired');
  const both = [hubKeys.release, hubKeys.desired, release, desired];
  const lastCode = () => setting.lastReported()?.lastError?.code;

  beforeAll(async () => {
    await start();
    await trust();
  }, 60_000 * patience);
  afterAll(() => setting.end());

  it('are trusted at their first use, and that is said', () => {
    expect(agent.log()).toMatch(/key set 1 counts from now on: it is the first that came, and nothing vouches for it/);
    expect(setting.lastReported()?.keys).toEqual({ version: 1 });
  });

  it('are not replaced by a set that a stranger signs', { timeout: 30_000 * patience }, async () => {
    setting.hub.tellKeys(testDevice, keySet(2, [release, desired], [release]));
    await eventually('the refusal', () => lastCode() === 'key_unknown');
    expect(setting.lastReported()?.keys).toEqual({ version: 1 });
    await eventually('the event', () => eventsWith('keys.refused', 'key_unknown') === 1);
  });

  it('are replaced by a set that the one before vouches for', { timeout: 30_000 * patience }, async () => {
    setting.hub.tellKeys(testDevice, keySet(2, both, [hubKeys.release], [hubKeys.release.id, hubKeys.desired.id]));
    await eventually('the rotation', () => setting.lastReported()?.keys?.version === 2);
    expect(lastCode()).toBeUndefined();
  });

  it('that were retired sign no further set (rotation with an old key)', { timeout: 30_000 * patience }, async () => {
    setting.hub.tellKeys(testDevice, keySet(3, both, [hubKeys.release]));
    await eventually('the refusal', () => lastCode() === 'key_retired');
    expect(setting.lastReported()?.keys).toEqual({ version: 2 });
  });

  it('of an older set are not taken back', { timeout: 30_000 * patience }, async () => {
    setting.hub.tellKeys(testDevice, keySet(1, both, [hubKeys.release]));
    await eventually('the refusal', () => lastCode() === 'keys_stale');
    expect(setting.lastReported()?.keys).toEqual({ version: 2 });
  });

  it('that were retired sign no desired state, also after a restart; the new ones do', { timeout: 60_000 * patience }, async () => {
    setting.hub.tellKeys(testDevice, keySet(2, both, [hubKeys.release], [hubKeys.release.id, hubKeys.desired.id]));
    send(next());
    await eventually('the refusal', () => lastCode() === 'key_retired');
    agent.child.kill('SIGKILL');
    await agent.exited;
    agent = setting.run(['--model', await setting.file(serving)]);
    await agent.says(/connected/);
    const body = desiredBodyOf(wanted.variant, revision + 1, { manifestBy: release, issuedAt: Date.now() });
    setting.hub.desire(testDevice, signDocument('desired', body, desired));
    await eventually('the commit', () => setting.lastReported()?.serving.sha256 === wanted.variant.sha256, 30_000);
    expect(await agent.stop()).toBe(0);
  });
});
