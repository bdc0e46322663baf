import { type MessageOf, streams, type TopicName } from '@alpharho/protocol';
import { describe, expect, it } from 'vitest';
import { FakeClock } from '../../test/support/fake-clock.ts';
import { rememberedLog } from '../../test/support/logs.ts';
import { MemoryOutbox } from '../../test/support/memory-outbox.ts';
import type { FrameResult } from '../domain/frames.ts';
import { Delivery } from './delivery.ts';
import { Spool } from './spool.ts';

const result = (frame: number): FrameResult => ({
  frame,
  at: frame,
  ms: 1,
  stages: { preprocess: 0, inference: 1, postprocess: 0 },
  variant: 'a'.repeat(64),
  top: [{ class: 0, label: 'x', probability: 1 }],
});

type Range = MessageOf<'ack'>['acks'][number];
type Sent = { readonly at: number; readonly range: Range };

/** A hub that commits each message a while after it came. */
async function newDelivery({ commitMs = 50, maxBytes = 1e9 } = {}) {
  const clock = new FakeClock();
  const outbox = new MemoryOutbox();
  const log = rememberedLog();
  const sent: Sent[] = [];
  const hub = { answers: new Set<string>(streams), open: 0, mostOpen: 0 };
  const spool: Spool = new Spool({
    outbox,
    session: 'session-now',
    maxBytes,
    clock,
    log,
    emit: () => undefined,
    onFault: () => undefined,
    onReady: () => delivery.wake(),
  });
  const publish = async <T extends TopicName>(name: T, message: MessageOf<T>): Promise<void> => {
    const range = rangeOf(name, message);
    sent.push({ at: clock.monotonic(), range });
    hub.open += 1;
    hub.mostOpen = Math.max(hub.mostOpen, hub.open);
    if (!hub.answers.has(range.stream)) return;
    clock.after(commitMs, () => {
      hub.open -= 1;
      void delivery.acknowledge({ v: 1, acks: [range] });
    });
  };
  const delivery: Delivery = new Delivery({ spool, link: { publish }, clock, log, onPublished: () => undefined });
  await spool.start();
  const order = () => sent.map(({ range }) => range.stream).filter((stream, index, all) => stream !== all[index - 1]);
  const addAll = (stream: 'status' | 'events' | 'telemetry', count: number) => {
    for (let index = 0; index < count; index += 1) spool.add(stream, (seq) => JSON.stringify({ stream, session: 'session-now', seq }));
  };
  const results = (from: number, to: number) => {
    for (let frame = from; frame <= to; frame += 1) spool.addResult(result(frame));
  };
  return { clock, outbox, log, sent, hub, spool, delivery, order, addAll, results };
}

function rangeOf(name: TopicName, message: unknown): Range {
  if (name !== 'results') {
    const { session, seq, stream } = message as { session: string; seq: number; stream: Range['stream'] };
    return { stream, session, from: seq, to: seq };
  }
  const { session, results } = message as MessageOf<'results'>;
  return { stream: 'results', session, from: results[0]?.seq ?? 0, to: results.at(-1)?.seq ?? 0 };
}

describe('delivery', () => {
  it('sends what matters most first after an outage', async () => {
    const { clock, delivery, spool, order, addAll, results } = await newDelivery();
    results(1, 2000);
    addAll('telemetry', 10);
    addAll('events', 10);
    addAll('status', 10);
    await clock.advance(2000);
    delivery.up();
    await clock.advance(5000);
    expect(order()).toEqual(['status', 'events', 'telemetry', 'results']);
    expect(spool.depth).toBe(0);
  });

  it('lets an event go before the results that wait', async () => {
    const { clock, delivery, sent, addAll, results } = await newDelivery();
    results(1, 5000);
    await clock.advance(1000);
    delivery.up();
    await clock.advance(60);
    addAll('events', 1);
    await clock.advance(1);
    const before = sent.filter(({ range }) => range.stream === 'results').length;
    expect(before).toBeLessThan(10);
    expect(sent.at(-1)?.range.stream).toBe('events');
  });

  it('does not hold results back for a hub that does not know of events', async () => {
    const { clock, delivery, spool, hub, addAll, results } = await newDelivery();
    hub.answers.delete('events');
    addAll('events', 10);
    results(1, 100);
    await clock.advance(1000);
    delivery.up();
    await clock.advance(4000);
    expect(await spool.read('results', undefined, 1000)).toEqual([]);
    expect(await spool.read('events', undefined, 1000)).toHaveLength(10);
  });

  it('brings an hour without a hub home in order, each once, never more than a few messages ahead of the hub', async () => {
    const { clock, delivery, spool, hub, sent, results } = await newDelivery();
    for (let second = 0; second < 3600; second += 10) {
      results(second * 10 + 1, second * 10 + 100);
      await clock.advance(10_000);
    }
    delivery.up();
    const start = clock.monotonic();
    await clock.advance(60_000);
    expect(spool.depth).toBe(0);
    let next = 1;
    for (const { range } of sent) {
      expect(range.from).toBe(next);
      next = range.to + 1;
    }
    expect(next).toBe(36_001);
    expect(hub.mostOpen).toBeLessThanOrEqual(4);
    expect((sent.at(-1)?.at ?? 0) - start).toBeLessThan(5000);
  });

  it('accounts for every result of an outage that was too long for the outbox: captured is delivered and dropped, exactly', async () => {
    const { clock, delivery, spool, sent, addAll, results } = await newDelivery({ maxBytes: 50_000 });
    addAll('events', 20);
    for (let second = 0; second < 200; second += 1) {
      results(second * 10 + 1, second * 10 + 10);
      await clock.advance(1000);
    }
    delivery.up();
    await clock.advance(5000);
    expect(spool.depth).toBe(0);
    const ranges = sent.map(({ range }) => range);
    const delivered = ranges.filter(({ stream }) => stream === 'results').reduce((sum, { from, to }) => sum + to - from + 1, 0);
    expect(delivered).toBeGreaterThan(100);
    expect(spool.dropped).toEqual({ results: 2000 - delivered });
    expect(ranges.filter(({ stream }) => stream === 'events')).toHaveLength(20);
  });
});
