import { describe, expect, it } from 'vitest';
import type { ChangeListener } from './change-feed.ts';
import { changeEvents } from './event-stream.ts';

function open() {
  const abort = new AbortController();
  const state: { listener?: ChangeListener; beat?: () => void; cleared: boolean } = { cleared: false };
  const stream = changeEvents({
    subscribe: (listener) => {
      state.listener = listener;
      return () => {
        state.listener = undefined;
      };
    },
    signal: abort.signal,
    timers: {
      setInterval: (run) => {
        state.beat = run;
        return 1;
      },
      clearInterval: () => {
        state.cleared = true;
      },
    },
  });
  const reader = stream.getReader();
  const next = async () => {
    const { value, done } = await reader.read();
    return done ? undefined : new TextDecoder().decode(value);
  };
  return { abort, state, next, reader };
}

describe('changeEvents', () => {
  it('greets, then names the topics that moved', async () => {
    const { state, next } = open();
    expect(await next()).toBe('event: hello\ndata: -\n\n');
    state.listener?.(['fleet', 'device:line-01']);
    expect(await next()).toBe('event: change\ndata: fleet device:line-01\n\n');
    state.beat?.();
    expect(await next()).toBe('event: beat\ndata: -\n\n');
  });
  it('folds what a slow reader missed into one event', async () => {
    const { state, next } = open();
    for (let round = 0; round < 1000; round++) state.listener?.(['fleet', `device:${round % 3}`]);
    expect(await next()).toContain('hello');
    expect(await next()).toBe('event: change\ndata: fleet device:0 device:1 device:2\n\n');
    const idle = await Promise.race([next(), Promise.resolve('nothing more')]);
    expect(idle).toBe('nothing more');
  });
  it('lets go of the feed when the browser goes away', async () => {
    const { abort, state, next } = open();
    await next();
    abort.abort();
    expect(state.listener).toBeUndefined();
    expect(state.cleared).toBe(true);
    expect(await next()).toBeUndefined();
  });
  it('lets go of the feed when the reader cancels', async () => {
    const { state, reader } = open();
    await reader.cancel();
    expect(state.listener).toBeUndefined();
    expect(state.cleared).toBe(true);
  });
});
