import { beforeEach, describe, expect, it, vi } from 'vitest';
import { LiveConnection, type LiveState } from './live-connection.ts';

class FakeSource {
  closed = false;
  private readonly listeners = new Map<string, (event: { data?: unknown }) => void>();
  addEventListener(type: string, listener: (event: { data?: unknown }) => void): void {
    this.listeners.set(type, listener);
  }
  close(): void {
    this.closed = true;
  }
  emit(type: string, data?: string): void {
    this.listeners.get(type)?.({ data });
  }
}

describe('LiveConnection', () => {
  let sources: FakeSource[] = [];
  let states: LiveState[] = [];
  let heard: string[] = [];
  let connection: LiveConnection;
  const latest = () => sources.at(-1) as FakeSource;

  beforeEach(() => {
    vi.useFakeTimers();
    sources = [];
    states = [];
    heard = [];
    connection = new LiveConnection({
      open: () => {
        const source = new FakeSource();
        sources.push(source);
        return source;
      },
      timers: { setTimeout, clearTimeout: clearTimeout as (handle: never) => void },
      random: () => 0,
      onState: (state) => states.push(state),
      onChange: (topics) => heard.push(...topics),
      onResync: () => heard.push('resync'),
      onContact: () => undefined,
    });
    connection.start();
    return () => vi.useRealTimers();
  });

  it('is live after the greeting, reads everything once, and passes topics on', () => {
    latest().emit('hello', '{}');
    latest().emit('change', 'fleet device:line-01');
    expect(states).toEqual(['connecting', 'live']);
    expect(heard).toEqual(['resync', 'fleet', 'device:line-01']);
  });
  it('reconnects with growing waits, and reads everything again when it is back', () => {
    latest().emit('error');
    expect(states.at(-1)).toBe('reconnecting');
    vi.advanceTimersByTime(499);
    expect(sources).toHaveLength(1);
    vi.advanceTimersByTime(1);
    expect(sources).toHaveLength(2);
    latest().emit('error');
    vi.advanceTimersByTime(999);
    expect(sources).toHaveLength(2);
    vi.advanceTimersByTime(1);
    latest().emit('hello', '{}');
    expect(states.at(-1)).toBe('live');
    expect(heard).toEqual(['resync']);
  });
  it('takes long silence for a dead connection', () => {
    latest().emit('hello', '{}');
    vi.advanceTimersByTime(24_999);
    expect(states.at(-1)).toBe('live');
    vi.advanceTimersByTime(1);
    expect(states.at(-1)).toBe('reconnecting');
    expect(sources[0]?.closed).toBe(true);
  });
  it('holds no connection while the tab is hidden', () => {
    latest().emit('hello', '{}');
    connection.pause();
    expect(latest().closed).toBe(true);
    vi.advanceTimersByTime(600_000);
    expect(sources).toHaveLength(1);
    connection.resume();
    expect(sources).toHaveLength(2);
    latest().emit('hello', '{}');
    expect(states.at(-1)).toBe('live');
  });
  it('ignores what a closed source still says', () => {
    const old = latest();
    connection.pause();
    old.emit('hello', '{}');
    old.emit('error');
    expect(states).toEqual(['connecting', 'paused']);
  });
});
