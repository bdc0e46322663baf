/** @file A board enrols: against a door that answers as the hub's does, by the schemas of the protocol. */
import { chmod, mkdir, readFile, stat, writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { type EnrolmentRequest, enrolmentPath, enrolmentRequestSchema } from '@alpharho/protocol';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { enroll } from '../src/commands/enroll.ts';
import { trustFile } from '../src/io/keys/trust-file.ts';
import { parseConfigFile } from '../src/settings/config-file.ts';
import { temporaryFolder } from './support/media.ts';
import { hubKeySet } from './support/signing.ts';

const token = `alp_${'a'.repeat(32)}`;
let folder: Awaited<ReturnType<typeof temporaryFolder>>;
let door: { server: Server; url: string; asked: EnrolmentRequest[] };
/** What the door says. */
let answer: { status: number; body: unknown };

beforeEach(async () => {
  folder = await temporaryFolder();
  const asked: EnrolmentRequest[] = [];
  const server = createServer(async (request, response) => {
    expect(request.url).toBe(enrolmentPath);
    asked.push(enrolmentRequestSchema.parse(JSON.parse(await text(request))));
    response.writeHead(answer.status, { 'content-type': 'application/json' }).end(JSON.stringify(answer.body));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  door = { server, url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, asked };
  answer = { status: 201, body: { v: 1, id: 'belt-7', hub: 'mqtt://belt-7:secret@hub.local:1883', modelsUrl: 'http://hub.local:1880' } };
});
afterEach(async () => {
  await new Promise((resolve) => door.server.close(resolve));
  await folder.remove();
});

const file = () => join(folder.path, 'etc', 'config.yaml');
const go = (options: { token?: string; id?: string; hub?: string } = {}) =>
  enroll(options.hub ?? door.url, { token: options.token ?? token, id: options.id, config: file() });

describe('enroll', () => {
  it('trades a token for settings that only their owner can read', async () => {
    expect(await go({ id: 'belt-7' })).toBe(0);
    expect(door.asked).toMatchObject([{ v: 1, token, id: 'belt-7', agent: { version: '0.1.0' } }]);
    const { entries } = parseConfigFile(file(), await readFile(file(), 'utf8'));
    expect(Object.fromEntries([...entries].map(([name, { value }]) => [name, value]))).toEqual({
      id: 'belt-7',
      hub: 'mqtt://belt-7:secret@hub.local:1883',
      modelsUrl: 'http://hub.local:1880',
    });
    expect((await stat(file())).mode & 0o777).toBe(0o600);
  });

  it('keeps the keys that the answer carries, for the agent to trust from the first', async () => {
    answer.body = { ...(answer.body as object), keys: hubKeySet };
    await go();
    const trust = join(folder.path, 'etc', 'hub-keys.json');
    expect(parseConfigFile(file(), await readFile(file(), 'utf8')).entries.get('trust')?.value).toBe(trust);
    expect(await trustFile(trust).read()).toEqual(hubKeySet);
    // It holds nothing secret, and the service's own user reads it.
    expect((await stat(trust)).mode & 0o777).toBe(0o644);
  });

  it("keeps the file's other settings, its comments and its group's right to read", async () => {
    await mkdir(join(folder.path, 'etc'));
    await writeFile(file(), '# the belt in hall 2\ncamera: /dev/video0 # the left one\nhub: mqtt://old:1883\ntop: 3\n');
    await chmod(file(), 0o644);
    await go();
    const now = await readFile(file(), 'utf8');
    expect(now).toBe(
      '# the belt in hall 2\ncamera: /dev/video0 # the left one\nhub: mqtt://belt-7:secret@hub.local:1883\ntop: 3\nid: belt-7\nmodels-url: http://hub.local:1880\n',
    );
    expect((await stat(file())).mode & 0o777).toBe(0o640);
  });

  it('says what the hub says, and changes nothing', async () => {
    answer = { status: 403, body: { error: 'enrolment_token_used', message: 'this token has been used' } };
    await expect(go()).rejects.toMatchObject({ code: 'enrolment_token_used', message: 'the hub refuses: this token has been used' });
    answer = { status: 404, body: {} };
    await expect(go()).rejects.toThrow('is no Alpharho hub: it answers 404; give the address that the dashboard shows');
    answer = { status: 201, body: { v: 2 } };
    await expect(go()).rejects.toThrow('its answer is not one that this agent knows');
    await expect(stat(file())).rejects.toThrow('ENOENT');
  });

  it('does not spend the token where it could not keep what it gets', async () => {
    await mkdir(file(), { recursive: true });
    await expect(go()).rejects.toThrow('cannot be read (EISDIR)');
    await folder.remove();
    await mkdir(join(folder.path, 'etc'), { recursive: true });
    await writeFile(file(), 'camra: x\n');
    await expect(go()).rejects.toThrow('did you mean "camera"?');
    expect(door.asked).toEqual([]);
  });

  it('refuses what cannot be meant', async () => {
    await expect(go({ hub: 'mqtt://user:secret@hub:1883' })).rejects.toThrow(
      '"mqtt://hub:1883" is not the hub\'s web address; expected one like http://hub.local:1880',
    );
    await expect(go({ token: 'alp_short' })).rejects.toThrow('--token: an enrolment token is "alp_" and 32 letters');
    await expect(go({ id: 'a/b' })).rejects.toThrow('--id "a/b": a device id is');
    await expect(go({ hub: 'http://127.0.0.1:1' })).rejects.toMatchObject({ code: 'broker_unreachable' });
  });
});
