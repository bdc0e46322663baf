import { decode, encode, LatencySketch, type MessageOf } from '@alpharho/protocol';
import { describe, expect, it } from 'vitest';
import { FakeClock } from '../../test/support/fake-clock.ts';
import type { FrameResult } from '../domain/frames.ts';
import { TelemetryWindows } from './telemetry.ts';

async function newWindows() {
  const clock = new FakeClock();
  const windows: MessageOf<'telemetry'>[] = [];
  const telemetry = new TelemetryWindows({
    session: 'session-1',
    system: { facts: async () => ({ memoryBytes: 50_000_000, temperature: 61.5, diskFreeBytes: 1e9 }) },
    clock,
    outbox: () => ({ outbox: 7, outboxBytes: 4096, dropped: { results: 3 } }),
    rate: () => undefined,
    onWindow: (build) => {
      const draft = JSON.parse(build(windows.length + 1)) as Omit<MessageOf<'telemetry'>, 'sentAt'>;
      const decoded = decode('telemetry', encode('telemetry', { ...draft, sentAt: clock.now() }));
      if (!decoded.ok) throw new Error(decoded.message);
      windows.push(decoded.value);
    },
  });
  await telemetry.start();
  return { clock, telemetry, windows };
}

const result = (variant: string, ms = 5): FrameResult => ({
  frame: 1,
  at: 1,
  ms,
  stages: { preprocess: 0.2, inference: ms - 1, postprocess: 0.1 },
  variant: variant.repeat(64),
  top: [{ class: 0, label: 'x', probability: 1 }],
});

describe('telemetry windows', () => {
  it('tell ten seconds each: counters, latency of each stage, and the machine', async () => {
    const { clock, telemetry, windows } = await newWindows();
    telemetry.begin('a'.repeat(64));
    for (let index = 0; index < 100; index += 1) {
      if (index % 10 === 5) {
        telemetry.skipped();
        continue;
      }
      telemetry.captured(2);
      if (index % 10 === 0) telemetry.dropped();
      else telemetry.classified(result('a', 5));
    }
    telemetry.published(30);
    await clock.advance(10_000);
    expect(windows).toHaveLength(1);
    const [window] = windows;
    expect(window).toMatchObject({
      seq: 1,
      variant: 'a'.repeat(64),
      frames: { captured: 100, classified: 80, dropped: 20 },
      system: { outbox: 7, outboxBytes: 4096, dropped: { results: 3 }, memoryBytes: 50_000_000, temperature: 61.5 },
    });
    expect((window?.end ?? 0) - (window?.start ?? 0)).toBe(10_000);
    const median = (stage: 'total' | 'capture' | 'inference' | 'publish') => LatencySketch.fromWire(window!.latency[stage]!).quantile(0.5);
    expect(median('total')).toBeCloseTo(5, 0);
    expect(median('capture')).toBeCloseTo(2, 0);
    expect(median('inference')).toBeCloseTo(4, 0);
    expect(median('publish')).toBeCloseTo(30, 0);
  });

  it('follow each other without a gap, also where nothing comes from the camera', async () => {
    const { clock, telemetry, windows } = await newWindows();
    telemetry.begin('a'.repeat(64));
    await clock.advance(30_000);
    expect(windows.map(({ frames }) => frames.captured)).toEqual([0, 0, 0]);
    expect(windows[1]?.start).toBe(windows[0]?.end);
    expect(windows[0]?.latency).toEqual({ total: new LatencySketch().toWire() });
  });

  it('are cut where the variant changes', async () => {
    const { clock, telemetry, windows } = await newWindows();
    telemetry.begin('a'.repeat(64));
    telemetry.classified(result('a'));
    await clock.advance(3000);
    telemetry.classified(result('b'));
    await clock.advance(7000);
    expect(windows.map(({ variant, frames, start, end }) => [variant[0], frames.classified, end - start])).toEqual([
      ['a', 1, 3000],
      ['b', 1, 7000],
    ]);
  });

  it('say nothing before something serves, and end with the agent', async () => {
    const { clock, telemetry, windows } = await newWindows();
    telemetry.captured(1);
    await clock.advance(20_000);
    expect(windows).toEqual([]);
    telemetry.begin('a'.repeat(64));
    telemetry.classified(result('a'));
    telemetry.stop();
    expect(windows).toHaveLength(1);
    expect(clock.pending).toBe(0);
  });
});
