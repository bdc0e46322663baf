import { describe, expect, it } from 'vitest';
import { decode, encode } from '../codec.ts';
import { eventIds } from '../events.ts';
import { topics } from '../topics.ts';
import { type DeviceEvent, eventSchema, maxThumbnailChars } from './events.ts';
import { maxSnapshotChars, type Snapshot } from './snapshot.ts';

const at = 1_767_225_600_000;

const event = (change: object = {}): DeviceEvent =>
  ({
    v: 1,
    stream: 'events',
    session: 'session-1',
    seq: 1,
    sentAt: at,
    at,
    id: 'camera.lost',
    level: 'warning',
    message: 'gone',
    ...change,
  }) as DeviceEvent;

const picture = (chars: number) => ({ type: 'image/jpeg', width: 8, height: 8, data: `/9j/${'A'.repeat(chars - 4)}` });

const problemOf = (name: 'events' | 'snapshot', message: object): string => {
  const decoded = decode(name, Buffer.from(JSON.stringify(message)));
  return decoded.ok ? 'none' : decoded.message;
};

describe('an event', () => {
  it('fits its topic at its fullest', () => {
    const fullest = event({
      message: 'ä'.repeat(500),
      detail: Object.fromEntries(Array.from({ length: 20 }, (_, index) => [`${index}`.padEnd(60, 'x'), '€'.repeat(500)])),
      variant: 'a'.repeat(64),
      frame: 1e9,
      top: Array.from({ length: 10 }, (_, index) => ({ class: index, label: '€'.repeat(200), probability: 0.123_456_789 })),
      thumbnail: picture(maxThumbnailChars),
    });
    expect(encode('events', fullest).byteLength).toBeLessThan(topics.events.maxBytes);
  });

  it('may have an id that this version does not know', () => {
    expect(problemOf('events', event({ id: 'battery.low' }))).toBe('none');
  });

  it('has ids in its own table that its schema takes', () => {
    for (const id of Object.keys(eventIds)) expect(eventSchema.shape.id.safeParse(id).success).toBe(true);
  });

  it.each([
    ['an id that is none', { id: 'lost' }, 'id'],
    ['a level that is none', { level: 'fatal' }, 'level'],
    ['no words', { message: '' }, 'message'],
    ['a list as detail', { detail: { list: [1] } }, 'detail.list'],
    [
      'twenty-one details',
      { detail: Object.fromEntries(Array.from({ length: 21 }, (_, index) => [`d${index}`, 1])) },
      'detail: expected at most 20',
    ],
    ['a picture that is no JPEG', { thumbnail: { ...picture(8), data: 'PHN2Zz4=' } }, 'thumbnail.data: expected a JPEG'],
    ['a picture that is cut', { thumbnail: picture(10) }, 'thumbnail.data: expected base64'],
    ['a picture that is too large', { thumbnail: picture(maxThumbnailChars + 4) }, 'thumbnail.data'],
  ])('with %s is refused', (_, change, place) => {
    expect(problemOf('events', event(change))).toContain(`events: ${place}`);
  });
});

describe('a snapshot', () => {
  const snapshot = (change: object): Snapshot => ({ v: 1, id: 'request-1', session: 'session-1', at, ...change });

  it('fits its topic at its fullest', () => {
    const top = Array.from({ length: 10 }, (_, index) => ({ class: index, label: '€'.repeat(200), probability: 0.5 }));
    const fullest = snapshot({ variant: 'a'.repeat(64), top, image: picture(maxSnapshotChars) });
    expect(encode('snapshot', fullest).byteLength).toBeLessThan(topics.snapshot.maxBytes);
  });

  it('is a picture or a reason, never both and never neither', () => {
    const error = { code: 'snapshots_off', message: 'off', at };
    expect(problemOf('snapshot', snapshot({ error }))).toBe('none');
    expect(problemOf('snapshot', snapshot({ image: picture(8) }))).toBe('none');
    expect(problemOf('snapshot', snapshot({}))).toContain('either an image or an error');
    expect(problemOf('snapshot', snapshot({ error, image: picture(8) }))).toContain('either an image or an error');
  });
});
