import { encode } from '@alpharho/protocol';
import { describe, expect, it } from 'vitest';
import { mayConnect, mayPublish, maySubscribe } from './broker-rules.ts';

const will = (fields: object = {}) => ({
  topic: 'alpharho/v1/line-01/presence',
  qos: 1,
  payload: encode('presence', { v: 1, session: 'session-1', state: 'offline', at: 1, reason: 'lost' }),
  ...fields,
});

describe('mayConnect', () => {
  it('takes a device by its name, with its own last will or none', () => {
    expect(mayConnect('line-01', undefined).ok).toBe(true);
    expect(mayConnect('line-01', will()).ok).toBe(true);
  });

  it.each([
    ['', undefined, 'client id'],
    ['a/b', undefined, 'client id'],
    ['+', undefined, 'client id'],
    ['line-02', will(), 'of another device'],
    ['line-01', will({ topic: 'alpharho/v1/line-01/results' }), 'expected presence'],
    ['line-01', will({ topic: 'alpharho/v1/line-01/desired' }), 'the hub speaks there'],
    ['line-01', will({ payload: 'gone' }), 'not JSON'],
    ['line-01', will({ payload: encode('presence', { v: 1, session: 'session-1', state: 'online', at: 1 }) }), 'expected offline'],
  ])('refuses client %j with will %j', (client, lastWill, words) => {
    expect(mayConnect(client, lastWill)).toMatchObject({ ok: false, message: expect.stringContaining(words) });
  });
});

describe('mayPublish', () => {
  it('lets a device speak on its own topics', () => {
    for (const name of ['presence', 'reported', 'results', 'telemetry', 'events', 'snapshot']) {
      expect(mayPublish('line-01', { topic: `alpharho/v1/line-01/${name}`, qos: 1 })).toEqual({ ok: true, value: name });
    }
    expect(mayPublish('line-01', { topic: 'alpharho/v1/line-01/state', qos: 0 })).toEqual({ ok: true, value: 'state' });
  });

  it.each([
    ['alpharho/v1/line-02/results', 1],
    ['alpharho/v1/line-01/desired', 1],
    ['alpharho/v1/line-01/ack', 1],
    ['alpharho/v1/line-01/request', 1],
    ['alpharho/v1/line-02/events', 1],
    ['alpharho/v1/line-02/snapshot', 1],
    ['alpharho/v2/line-01/results', 1],
    ['alpharho/v1/line-01/results/x', 1],
    ['alpharho/v1/line-01/constructor', 1],
    ['$SYS/x', 0],
    ['alpharho/v1/line-01/results', 2],
  ])('refuses %s with QoS %i', (topic, qos) => {
    expect(mayPublish('line-01', { topic, qos }).ok).toBe(false);
  });
});

describe('maySubscribe', () => {
  it('lets a device hear what is for it, and nothing else', () => {
    expect(maySubscribe('line-01', 'alpharho/v1/line-01/desired')).toBe(true);
    expect(maySubscribe('line-01', 'alpharho/v1/line-01/ack')).toBe(true);
    expect(maySubscribe('line-01', 'alpharho/v1/line-01/request')).toBe(true);
    expect(maySubscribe('line-01', 'alpharho/v1/line-01/presence')).toBe(true);
    for (const filter of [
      '#',
      'alpharho/v1/+/desired',
      'alpharho/v1/line-02/ack',
      'alpharho/v1/line-01/results',
      'alpharho/v1/line-02/request',
      '$SYS/#',
    ]) {
      expect(maySubscribe('line-01', filter)).toBe(false);
    }
  });
});
