import { beforeEach, describe, expect, it, vi } from 'vitest';
import { ChangeFeed } from './change-feed.ts';

describe('ChangeFeed', () => {
  let table = new Map<string, number>();
  let reads = 0;
  let failure: Error | undefined;
  let health: unknown[] = [];
  let feed: ChangeFeed;

  beforeEach(() => {
    vi.useFakeTimers();
    table = new Map([['fleet', 1]]);
    reads = 0;
    failure = undefined;
    health = [];
    feed = new ChangeFeed({
      read: async () => {
        reads += 1;
        if (failure) throw failure;
        return new Map(table);
      },
      timers: { setTimeout, clearTimeout: clearTimeout as (handle: never) => void },
      onHealth: (error) => health.push(error),
    });
    return () => vi.useRealTimers();
  });

  it('tells which topics moved, and nothing of what was there before', async () => {
    const heard: string[][] = [];
    feed.subscribe((topics) => heard.push([...topics]));
    await vi.advanceTimersByTimeAsync(250);
    expect(heard).toEqual([]);
    table.set('fleet', 2).set('device:line-01', 1);
    await vi.advanceTimersByTimeAsync(250);
    expect(heard).toEqual([['fleet', 'device:line-01']]);
    await vi.advanceTimersByTimeAsync(1000);
    expect(heard).toHaveLength(1);
  });
  it('reads once for many listeners, and not at all for none', async () => {
    const ends = Array.from({ length: 20 }, () => feed.subscribe(() => undefined));
    await vi.advanceTimersByTimeAsync(1000);
    expect(reads).toBe(5);
    for (const end of ends) end();
    await vi.advanceTimersByTimeAsync(5000);
    expect(reads).toBe(5);
    expect(feed.listenerCount).toBe(0);
  });
  it('does not double its polling when a listener leaves and comes back within one read', async () => {
    feed.subscribe(() => undefined)();
    const heard: string[][] = [];
    feed.subscribe((topics) => heard.push([...topics]));
    await vi.advanceTimersByTimeAsync(1000);
    expect(reads).toBe(6);
    table.set('fleet', 2);
    await vi.advanceTimersByTimeAsync(250);
    expect(heard).toEqual([['fleet']]);
  });
  it('asks a failing database less often, says so once, and goes on by itself', async () => {
    const heard: string[][] = [];
    feed.subscribe((topics) => heard.push([...topics]));
    await vi.advanceTimersByTimeAsync(0);
    failure = new Error('disk I/O error');
    await vi.advanceTimersByTimeAsync(250);
    const before = reads;
    await vi.advanceTimersByTimeAsync(4000);
    expect(reads - before).toBe(2);
    expect(health).toEqual([failure]);
    failure = undefined;
    table.set('fleet', 7);
    await vi.advanceTimersByTimeAsync(2000);
    expect(health).toEqual([expect.any(Error), undefined]);
    expect(heard).toEqual([['fleet']]);
  });
});
