import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { messages } from '../test/arbitraries.ts';
import { decode, encode } from './codec.ts';
import { isAlpharhoError } from './errors.ts';
import type { MessageOf, TopicName } from './topics.ts';
import { topics } from './topics.ts';

const topicNames = Object.keys(topics) as TopicName[];
const messagesOf = (name: TopicName): fc.Arbitrary<MessageOf<TopicName>> => messages[name];
const bytes = (text: string): Buffer => Buffer.from(text);

const ack: MessageOf<'ack'> = { v: 1, acks: [{ stream: 'results', session: 'session-1', from: 1, to: 5 }] };

describe('a message of every topic', () => {
  it.each(topicNames)('%s survives encode and decode unchanged', (name) => {
    fc.assert(
      fc.property(messagesOf(name), (message) => {
        expect(decode(name, encode(name, message))).toEqual({ ok: true, value: message });
      }),
      { numRuns: 50 },
    );
  });

  it.each(topicNames)('%s is refused above its size cap, whatever is in it', (name) => {
    const { maxBytes } = topics[name];
    const padded = (length: number) => bytes(`{"v":1${' '.repeat(length - 7)}}`);
    expect(decode(name, padded(maxBytes + 1))).toEqual({
      ok: false,
      code: 'payload_too_large',
      message: `${name}: ${maxBytes + 1} bytes, at most ${maxBytes}`,
    });
    expect(decode(name, padded(maxBytes))).toMatchObject({ ok: false, code: 'payload_invalid' });
  });

  it.each(topicNames)('%s keeps no field that the schema does not know, so that a newer sender may add some', (name) => {
    const [message] = fc.sample(messagesOf(name), { numRuns: 1, seed: 1 });
    const decoded = decode(name, bytes(JSON.stringify({ ...message, addedLater: { deep: [1] } })));
    expect(decoded).toEqual({ ok: true, value: message });
  });
});

describe('decode', () => {
  it.each([
    ['nothing', bytes('')],
    ['text', bytes('hello')],
    ['cut short', encode('ack', ack).subarray(0, 20)],
    ['invalid UTF-8', Buffer.concat([bytes('{"v":1,"x":"'), Buffer.from([0xc3, 0x28]), bytes('"}')])],
    ['UTF-16', Buffer.from('{"v":1}', 'utf16le')],
    ['noise', Buffer.from([0, 255, 254, 1, 2, 3])],
  ])('says that %s is not JSON', (_, payload) => {
    expect(decode('ack', payload)).toEqual({ ok: false, code: 'payload_not_json', message: 'ack: not JSON in UTF-8' });
  });

  it.each([
    ['{}', 'missing'],
    ['[]', 'missing'],
    ['null', 'missing'],
    ['"v"', 'missing'],
    ['{"v":2}', '2'],
    ['{"v":"1"}', '"1"'],
    [`{"v":"${'x'.repeat(99)}"}`, `"${'x'.repeat(20)}"`],
    ['{"v":null}', 'not a number'],
    [`{"v":${'['.repeat(20_000)}${']'.repeat(20_000)}}`, 'not a number'],
  ])('refuses the version of %.40s', (payload, found) => {
    expect(decode('ack', bytes(payload))).toEqual({
      ok: false,
      code: 'version_unsupported',
      message: `ack: version ${found}, expected 1`,
    });
  });

  it('survives JSON nested as deep as the size cap allows', () => {
    const depth = topics.results.maxBytes / 2 - 20;
    const nested = `${'['.repeat(depth)}${']'.repeat(depth)}`;
    expect(decode('results', bytes(`{"v":${nested}}`))).toMatchObject({ ok: false, code: 'version_unsupported' });
    expect(decode('results', bytes(`{"v":1,"results":${nested}}`))).toMatchObject({ ok: false, code: 'payload_invalid' });
  });

  it('names the place and what would be right', () => {
    const payload = { v: 1, acks: [ack.acks[0], { stream: 'pictures', session: 'session-1', from: 1, to: 2 }] };
    const decoded = decode('ack', bytes(JSON.stringify(payload)));
    expect(decoded).toMatchObject({ ok: false, code: 'payload_invalid' });
    expect(decoded).toHaveProperty(
      'message',
      'ack: acks.1.stream: Invalid option: expected one of "status"|"events"|"telemetry"|"results"',
    );
  });

  it('names the first place of several and counts the rest', () => {
    const decoded = decode('ack', bytes('{"v":1,"acks":[{"stream":"results","session":"no","from":0,"to":1.5}]}'));
    expect(decoded).toHaveProperty('message', 'ack: acks.0.session: a session id is 8 to 36 letters, digits, "_" or "-" (and 2 more)');
  });

  it('takes no inherited field for a sent one', () => {
    const payload = `{"v":1,"acks":[{"stream":"results","session":"session-1","from":1,"__proto__":{"to":5}}]}`;
    expect(decode('ack', bytes(payload))).toMatchObject({ ok: false, code: 'payload_invalid' });
  });

  it('never throws, whatever the bytes', () => {
    fc.assert(
      fc.property(fc.constantFrom(...topicNames), fc.oneof(fc.uint8Array(), fc.json().map(bytes)), (name, payload) => {
        expect(decode(name, payload).ok).toBe(false);
      }),
    );
  });
});

describe('encode', () => {
  it('refuses a message that the other side would refuse, as a fault of the caller', () => {
    const wrong = { v: 1, acks: [] } as MessageOf<'ack'>;
    expect(() => encode('ack', wrong)).toThrow(/^ack: acks: Too small/);
    expect(() => encode('ack', wrong)).toThrow(expect.objectContaining({ code: 'payload_invalid' }));
  });

  it('refuses a message above the cap of its topic', () => {
    const refused = 'x'.repeat(500);
    const large: MessageOf<'ack'> = { v: 1, acks: Array.from({ length: 200 }, () => ({ ...ack.acks[0]!, refused })) };
    let caught: unknown;
    try {
      encode('ack', large);
    } catch (error) {
      caught = error;
    }
    expect(isAlpharhoError(caught, 'payload_too_large')).toBe(true);
  });

  it('leaves out fields that the schema does not know', () => {
    const chatty = { ...ack, secret: 'not for the wire' };
    expect(encode('ack', chatty).toString()).not.toContain('secret');
  });
});
