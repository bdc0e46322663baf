import type { EventStream } from '@alpharho/protocol';
import { describe, expect, it } from 'vitest';
import { FakeClock } from '../../test/support/fake-clock.ts';
import { rememberedLog } from '../../test/support/logs.ts';
import type { EventDraft } from '../domain/events.ts';
import { EventRecorder } from './event-recorder.ts';

function newRecorder() {
  const clock = new FakeClock();
  const log = rememberedLog();
  const recorder = new EventRecorder({ session: 'session-1', clock, log });
  const kept: EventDraft[] = [];
  const numbers = { status: 0, events: 0 };
  const add = (stream: EventStream, build: (seq: number) => string) => {
    numbers[stream] += 1;
    kept.push(JSON.parse(build(numbers[stream])) as EventDraft);
    return numbers[stream];
  };
  return { clock, log, recorder, kept, add };
}

describe('the event recorder', () => {
  it('makes an event of each log line at warning and above, and of no other', () => {
    const { log, recorder, kept, add } = newRecorder();
    recorder.attach(add);
    recorder.log.debug('a');
    recorder.log.info('b');
    recorder.log.warn('c');
    recorder.log.error('d');
    expect(log.lines).toEqual(['debug a', 'info b', 'warn c', 'error d']);
    expect(kept.map(({ id, level, message, seq }) => [id, level, message, seq])).toEqual([
      ['log.warning', 'warning', 'c', 1],
      ['log.error', 'error', 'd', 2],
    ]);
  });

  it('logs an event once, and counts update phases in a stream of their own', () => {
    const { log, recorder, kept, add } = newRecorder();
    recorder.attach(add);
    recorder.emit({ id: 'camera.lost', level: 'warning', message: 'gone' });
    recorder.emit({ id: 'update.phase', level: 'info', message: 'update 1: downloading' });
    recorder.emit({ id: 'camera.recovered', level: 'info', message: 'back' });
    expect(log.lines).toEqual(['warn gone', 'debug update 1: downloading', 'info back']);
    expect(kept.map(({ stream, seq, id }) => [stream, seq, id])).toEqual([
      ['events', 1, 'camera.lost'],
      ['status', 1, 'update.phase'],
      ['events', 2, 'camera.recovered'],
    ]);
  });

  it('keeps what happened before there was a place for it, with its time', async () => {
    const { clock, recorder, kept, add } = newRecorder();
    const at = clock.now();
    recorder.log.warn('early');
    await clock.advance(5000);
    recorder.attach(add);
    recorder.log.warn('late');
    expect(kept.map((event) => [event.message, event.at - at])).toEqual([
      ['early', 0],
      ['late', 5000],
    ]);
  });

  it('tells a flapping fault ten times, and then a minute later how often more it was', async () => {
    const { clock, log, recorder, kept, add } = newRecorder();
    recorder.attach(add);
    for (let turn = 0; turn < 100; turn += 1) recorder.emit({ id: 'camera.lost', level: 'warning', message: `gone ${turn}` });
    expect(kept).toHaveLength(10);
    expect(log.lines).toHaveLength(100);
    await clock.advance(60_000);
    expect(kept.at(-1)).toMatchObject({ id: 'events.omitted', level: 'warning', detail: { 'camera.lost': 90 } });
    expect(kept).toHaveLength(11);
    await clock.advance(600_000);
    expect(kept).toHaveLength(11);
  });

  it('tells what it left out before it ends', () => {
    const { clock, recorder, kept, add } = newRecorder();
    recorder.attach(add);
    for (let turn = 0; turn < 11; turn += 1) recorder.emit({ id: 'camera.lost', level: 'warning', message: 'gone' });
    recorder.stop();
    expect(kept.at(-1)).toMatchObject({ message: expect.stringMatching(/^1 event was left out/), detail: { 'camera.lost': 1 } });
    recorder.emit({ id: 'camera.lost', level: 'warning', message: 'gone' });
    expect(clock.pending).toBe(0);
  });

  it('says under which number an event goes that somebody follows, however many there are', () => {
    const { recorder, kept, add } = newRecorder();
    const proven = { id: 'update.proven', level: 'info', message: 'proven' } as const;
    expect(recorder.follow(proven)).toBeUndefined();
    recorder.attach(add);
    expect(Array.from({ length: 30 }, () => recorder.follow(proven))).toEqual(Array.from({ length: 30 }, (_, index) => index + 2));
    expect(kept.map(({ seq }) => seq)).toEqual(Array.from({ length: 31 }, (_, index) => index + 1));
  });
});
