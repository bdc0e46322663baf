/** @file The streams from the spool to the hub. */
import { type MessageOf, maxResultsPerBatch } from '@alpharho/protocol';
import { type Cut, cutResults, type ResultsDraft } from '../domain/batches.ts';
import type { Clock } from '../domain/clock.ts';
import { type Link, type Log, type OutboxEntry, type Stream, streams } from '../domain/ports.ts';
import type { Spool } from './spool.ts';
import { StreamSender } from './stream-sender.ts';

type WindowDraft = Omit<MessageOf<'telemetry'>, 'sentAt'>;
type EventDraft = Omit<MessageOf<'events'>, 'sentAt'>;

export type DeliveryOptions = {
  readonly spool: Spool;
  readonly link: Pick<Link, 'publish'>;
  readonly clock: Clock;
  readonly log: Log;
  /** A batch of results took this long from here to the broker's receipt, milliseconds. */
  readonly onPublished: (ms: number) => void;
};

export class Delivery {
  private readonly options: DeliveryOptions;
  private readonly senders: Record<Stream, Pick<StreamSender<unknown>, 'up' | 'down' | 'wake' | 'acknowledge'>>;

  constructor(options: DeliveryOptions) {
    this.options = options;
    const { spool, link, clock, log } = options;
    const shared = {
      read: spool.read.bind(spool),
      remove: spool.remove.bind(spool),
      clock,
      log,
    };
    const oneByOne = <M>(stream: Stream, publish: (draft: M) => Promise<void>) =>
      new StreamSender<M>({ ...shared, stream, maxInFlight: 4, maxEntries: 1, cut: cutOne<M>, publish });
    const publishEvent = (draft: EventDraft) => link.publish('events', { ...draft, sentAt: clock.now() });
    this.senders = {
      status: oneByOne('status', publishEvent),
      events: oneByOne('events', publishEvent),
      telemetry: oneByOne<WindowDraft>('telemetry', (draft) => link.publish('telemetry', { ...draft, sentAt: clock.now() })),
      results: new StreamSender({
        ...shared,
        stream: 'results',
        maxInFlight: 4,
        maxEntries: maxResultsPerBatch,
        cut: cutResults,
        publish: (draft: ResultsDraft) => this.publishResults(draft),
      }),
    };
  }

  up(): void {
    for (const stream of streams) this.senders[stream].up();
  }

  down(): void {
    for (const stream of streams) this.senders[stream].down();
  }

  wake(): void {
    for (const stream of streams) this.senders[stream].wake();
  }

  async acknowledge({ acks }: MessageOf<'ack'>): Promise<void> {
    for (const range of acks) await this.senders[range.stream].acknowledge(range);
  }

  private async publishResults(draft: ResultsDraft): Promise<void> {
    const { clock, link, onPublished } = this.options;
    const start = clock.monotonic();
    await link.publish('results', { ...draft, sentAt: clock.now() });
    onPublished(clock.monotonic() - start);
  }
}

/** Telemetry windows and events are a message each. */
function cutOne<M>([entry]: readonly OutboxEntry[]): Cut<M> | undefined {
  if (entry === undefined) return undefined;
  try {
    const message = JSON.parse(entry.body) as M;
    return { session: entry.session, from: entry.seq, to: entry.seq, message };
  } catch {
    return undefined;
  }
}
