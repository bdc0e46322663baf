import { DatabaseError } from '@alpharho/db';
import { describe, expect, it } from 'vitest';
import { ManualTimers } from '../../../test/support/timers.ts';
import type { Committed, Incoming, UpTopic } from './incoming.ts';
import { IngestQueue, type QueueLimits } from './queue.ts';

const limits: QueueLimits = { lingerMs: 100, commitBytes: 100, heldBytes: 300, messageBytes: 0 };

/** A committer whose commits end when the test says how. */
function setUp(more: Partial<QueueLimits> = {}) {
  const timers = new ManualTimers();
  const commits: { messages: readonly Incoming[]; succeed: () => Promise<void>; fail: (error: unknown) => Promise<void> }[] = [];
  const errors: object[] = [];
  const settle = () => new Promise<void>((resolve) => setImmediate(resolve));
  const commit = (messages: readonly Incoming[]) =>
    new Promise<Committed>((resolve, reject) => {
      commits.push({
        messages,
        succeed: () => {
          resolve({ acks: [], refusals: [] });
          return settle();
        },
        fail: (error) => {
          reject(error);
          return settle();
        },
      });
    });
  const logger = { info: () => undefined, warn: () => undefined, error: (facts: object) => void errors.push(facts) };
  const queue = new IngestQueue({ committer: { commit }, onCommitted: () => undefined, logger, timers, limits: { ...limits, ...more } });
  return { timers, commits, errors, queue };
}

let arrivedAt = 0;
function message(bytes: number, topic: UpTopic = 'results', device = 'line-01'): Incoming {
  arrivedAt += 1;
  return { device, topic, payload: new Uint8Array(bytes), arrivedAt };
}

const full = new DatabaseError('full', 'no room');

describe('IngestQueue', () => {
  it('gathers for as long as it may, and not at all when there is enough', async () => {
    const { timers, commits, queue } = setUp();
    const [first, second, third] = [message(10), message(10), message(90)];
    await queue.accept(first);
    await queue.accept(second);
    timers.advance(99);
    expect(commits).toHaveLength(0);
    timers.advance(1);
    expect(commits.map(({ messages }) => messages)).toEqual([[first, second]]);
    await queue.accept(third);
    expect(commits).toHaveLength(1);
    await commits[0]?.succeed();
    await queue.accept(message(20));
    expect(commits[1]?.messages).toHaveLength(2);
  });

  it('commits in order, one batch at a time, cut at the size of a commit', async () => {
    const { commits, queue } = setUp();
    const all = [message(60), message(60), message(60), message(60)];
    for (const each of all) await queue.accept(each);
    expect(commits.map(({ messages }) => messages)).toEqual([all.slice(0, 2)]);
    await commits[0]?.succeed();
    expect(commits[1]?.messages).toEqual(all.slice(2));
  });

  it('holds senders back while the memory is full, and lets them go when it is not', async () => {
    const { commits, queue } = setUp();
    let gone = false;
    await queue.accept(message(250));
    const held = queue.accept(message(100)).then(() => {
      gone = true;
    });
    await new Promise((resolve) => setImmediate(resolve));
    expect(gone).toBe(false);
    await commits[0]?.succeed();
    await held;
  });

  it('counts what an empty message takes in memory too', async () => {
    const { commits, queue } = setUp({ messageBytes: 50 });
    let gone = 0;
    const senders = Array.from({ length: 10 }, () => queue.accept(message(0)).then(() => (gone += 1)));
    await new Promise((resolve) => setImmediate(resolve));
    expect(gone).toBe(6);
    for (let index = 0; index < 2; index += 1) await commits[index]?.succeed();
    await Promise.all(senders);
  });

  it('keeps what could not be written, tries again ever more rarely, and says so once', async () => {
    const { timers, commits, errors, queue } = setUp();
    const first = message(100);
    await queue.accept(first);
    const waits: (number | undefined)[] = [];
    for (let attempt = 0; attempt < 8; attempt += 1) {
      await commits[attempt]?.fail(full);
      waits.push(timers.due);
      timers.advance(timers.due ?? 0);
    }
    expect(waits).toEqual([250, 500, 1000, 2000, 4000, 8000, 10_000, 10_000]);
    expect(errors).toMatchObject([{ code: 'full' }]);
    expect(commits.every(({ messages }) => messages[0] === first)).toBe(true);
    const second = message(100);
    await queue.accept(second);
    await commits[8]?.succeed();
    expect(commits[9]?.messages).toEqual([second]);
    await commits[9]?.succeed();
    await queue.accept(message(100));
    await commits[10]?.fail(full);
    expect(errors).toHaveLength(2);
  });

  it('lets go of results, which their devices hold, when memory fills while nothing can be written, and keeps the latest states', async () => {
    const { timers, commits, queue } = setUp();
    await queue.accept(message(100));
    await commits[0]?.fail(full);
    const states = [message(5, 'presence'), message(5, 'reported'), message(5, 'reported', 'line-02'), message(5, 'reported')];
    const [birth, replaced, other, latest] = states;
    for (const each of [...states, message(50), message(200)]) await queue.accept(each);
    const next = message(60);
    await queue.accept(next);
    timers.advance(250);
    expect(commits[1]?.messages).toEqual([birth, other, latest, next]);
    expect(commits[1]?.messages).not.toContain(replaced);
  });

  it('commits what it has before it stops, and takes no more', async () => {
    const { commits, queue } = setUp();
    await queue.accept(message(10));
    const stopped = queue.stop();
    await queue.accept(message(10));
    await new Promise((resolve) => setImmediate(resolve));
    await commits[0]?.succeed();
    await stopped;
    expect(commits).toHaveLength(1);
  });

  it('stops though nothing can be written', async () => {
    const { commits, queue } = setUp();
    await queue.accept(message(10));
    const stopped = queue.stop();
    await new Promise((resolve) => setImmediate(resolve));
    await commits[0]?.fail(full);
    await stopped;
  });
});
