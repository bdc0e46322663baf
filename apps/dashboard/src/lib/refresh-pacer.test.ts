import { beforeEach, describe, expect, it, vi } from 'vitest';
import { topicsOf } from './live-topics.ts';
import { RefreshPacer } from './refresh-pacer.ts';

describe('RefreshPacer', () => {
  let refreshes = 0;
  let pacer: RefreshPacer;

  beforeEach(() => {
    vi.useFakeTimers();
    refreshes = 0;
    const timers = { setTimeout, clearTimeout: clearTimeout as (handle: never) => void, now: () => Date.now() };
    pacer = new RefreshPacer({ intervalMs: 1000, refresh: () => refreshes++, timers });
    return () => vi.useRealTimers();
  });

  it('serves the first request at once and a burst with one more', () => {
    pacer.request();
    expect(refreshes).toBe(1);
    pacer.settled();
    for (let count = 0; count < 50; count++) pacer.request();
    expect(refreshes).toBe(1);
    vi.advanceTimersByTime(1000);
    expect(refreshes).toBe(2);
    pacer.settled();
    vi.advanceTimersByTime(10_000);
    expect(refreshes).toBe(2);
  });
  it('never refreshes twice at a time, and loses no request that came meanwhile', () => {
    pacer.request();
    vi.advanceTimersByTime(5000);
    pacer.request();
    expect(refreshes).toBe(1);
    pacer.settled();
    expect(refreshes).toBe(2);
  });
  it('gives a refresh up that is never shown', () => {
    pacer.request();
    pacer.request();
    vi.advanceTimersByTime(9_999);
    expect(refreshes).toBe(1);
    vi.advanceTimersByTime(1);
    expect(refreshes).toBe(2);
  });
  it('does nothing after stop', () => {
    pacer.request();
    pacer.settled();
    pacer.request();
    pacer.stop();
    vi.advanceTimersByTime(5000);
    expect(refreshes).toBe(1);
  });
});

describe('topicsOf', () => {
  it('lets a device page hear its own device only', () => {
    const concerns = topicsOf('/devices/line-01/results');
    expect(concerns('device:line-01')).toBe(true);
    expect(concerns('device:line-011')).toBe(false);
    expect(concerns('fleet')).toBe(false);
  });
  it('lets the fleet page hear the fleet', () => {
    expect(topicsOf('/')('fleet')).toBe(true);
    expect(topicsOf('/')('device:line-01')).toBe(false);
  });
});
