/** @file Which key set counts: over restarts, with and without a file that the operator names. */
import { mkdir, readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Keys } from '@alpharho/protocol';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { rememberedLog } from '../../test/support/logs.ts';
import { temporaryFolder } from '../../test/support/media.ts';
import { hubKeySet, hubKeys, keySet, newKey } from '../../test/support/signing.ts';
import type { Fault } from '../domain/conditions.ts';
import { fileKeyStore } from '../io/keys/key-store.ts';
import { trustFile, writeTrustFile } from '../io/keys/trust-file.ts';
import { signatures } from '../io/system/signatures.ts';
import { KeyRing } from './key-ring.ts';

const other = newKey('release');
const others = keySet(1, [other, newKey('desired')], [other]);
const second = keySet(2, [hubKeys.release, hubKeys.desired, other], [hubKeys.release]);

let folder: Awaited<ReturnType<typeof temporaryFolder>>;
beforeEach(async () => {
  folder = await temporaryFolder();
});
afterEach(() => folder.remove());

const file = () => join(folder.path, 'data', 'keys.json');
const trustPath = () => join(folder.path, 'hub-keys.json');

/** One start of the agent. */
async function load(trusts = false) {
  const log = rememberedLog();
  const faults: (Fault | undefined)[] = [];
  const told: string[] = [];
  const ring = new KeyRing({
    store: fileKeyStore(file(), log),
    trust: trusts ? trustFile(trustPath()) : undefined,
    signatures,
    log,
    emit: ({ id, detail }) => void told.push(`${id} ${detail?.code ?? detail?.version}`),
    onFault: (fault) => {
      faults.push(fault);
      return true;
    },
    onKeys: () => undefined,
  });
  await ring.load();
  const hear = async (keys: Keys): Promise<void> => {
    ring.hear(keys);
    await ring.stop();
  };
  await ring.stop();
  return { ring, log, told, hear, fault: () => faults.at(-1)?.code };
}

describe('the key ring', () => {
  it('keeps the first set that the hub sends, and the one that follows it', async () => {
    const first = await load();
    expect(first.ring.set).toBeUndefined();
    await first.hear(hubKeySet);
    await first.hear(second);
    expect(first.told).toEqual(['keys.trusted 1', 'keys.trusted 2']);
    const next = await load();
    expect(next.ring.set?.version).toBe(2);
    await next.hear(others);
    expect([next.ring.set?.version, next.fault()]).toEqual([2, 'keys_stale']);
    await next.hear(second);
    expect(next.fault()).toBeUndefined();
  });

  it('sets a damaged file aside, names it, and takes the next set', async () => {
    await mkdir(join(folder.path, 'data'));
    await writeFile(file(), '{"v":1,"keys":{"v":1,');
    const { ring, log, hear } = await load();
    expect(log.lines).toEqual([expect.stringMatching(/^error .*keys\.json cannot be read .*set aside as .*keys\.json\.damaged/)]);
    await hear(hubKeySet);
    expect(ring.set?.version).toBe(1);
    expect((await readdir(join(folder.path, 'data'))).sort()).toEqual(['keys.json', 'keys.json.damaged']);
  });

  it('trusts the file that the operator names, and no first that the hub sends', async () => {
    await writeTrustFile(trustPath(), hubKeySet);
    const { ring, hear, fault } = await load(true);
    expect(ring.set?.version).toBe(1);
    await hear(others);
    expect(fault()).toBe('keys_stale');
    await hear(second);
    expect(ring.set?.version).toBe(2);
    expect((await load(true)).ring.set?.version).toBe(2);
  });

  it('begins anew where the operator names another file: the board goes to another hub', async () => {
    await writeTrustFile(trustPath(), hubKeySet);
    await (await load(true)).hear(second);
    await writeTrustFile(trustPath(), others);
    const moved = await load(true);
    expect(moved.ring.set?.body).toBe(others.body);
    await moved.hear(second);
    expect(moved.fault()).toBe('key_unknown');
  });

  it('trusts nobody where the file that is named cannot be read, and says so; what was trusted before still is', async () => {
    const { ring, hear, fault, told } = await load(true);
    expect(fault()).toBe('config_invalid');
    await hear(hubKeySet);
    expect([ring.set, fault()]).toEqual([undefined, 'key_unknown']);
    expect(told).toEqual(['keys.refused config_invalid', 'keys.refused key_unknown']);
    await writeTrustFile(trustPath(), hubKeySet);
    await load(true);
    await writeFile(trustPath(), 'no key set');
    expect((await load(true)).ring.set?.version).toBe(1);
  });
});
