import { describe, expect, it } from 'vitest';
import { decode } from '../codec.ts';
import { LatencySketch } from '../latency-sketch.ts';

const window = (frames: object) => ({
  v: 1,
  stream: 'telemetry',
  session: 'session-1',
  seq: 1,
  sentAt: 2,
  start: 0,
  end: 1,
  variant: 'a'.repeat(64),
  frames: { captured: 1, classified: 1, dropped: 0, ...frames },
  latency: { total: new LatencySketch().toWire() },
  system: { outbox: 0, memoryBytes: 1 },
});
const problemOf = (message: object): string => {
  const decoded = decode('telemetry', Buffer.from(JSON.stringify(message)));
  return decoded.ok ? 'none' : decoded.message;
};

describe('a telemetry window', () => {
  it.each(['captured', 'classified', 'dropped', 'published', 'failed'])(
    'has no count of %s that a day of windows could not be added up to',
    (name) => {
      expect(problemOf(window({ [name]: 2 ** 31 - 1 }))).toBe('none');
      expect(problemOf(window({ [name]: Number.MAX_SAFE_INTEGER }))).toContain(`frames.${name}`);
    },
  );
});
