/** @file The two streams from the spool to the hub. */
import { type MessageOf, maxResultsPerBatch } from '@alpharho/protocol';
import { type Cut, cutResults, type ResultsDraft } from '../domain/batches.ts';
import type { Clock } from '../domain/clock.ts';
import type { Link, Log, OutboxEntry } from '../domain/ports.ts';
import type { Spool } from './spool.ts';
import { StreamSender } from './stream-sender.ts';

type WindowDraft = Omit<MessageOf<'telemetry'>, 'sentAt'>;

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
  private readonly results: StreamSender<ResultsDraft>;
  private readonly telemetry: StreamSender<WindowDraft>;

  constructor(options: DeliveryOptions) {
    this.options = options;
    const { spool, clock, log } = options;
    const shared = {
      read: spool.read.bind(spool),
      remove: spool.remove.bind(spool),
      clock,
      log,
    };
    this.results = new StreamSender({
      ...shared,
      stream: 'results',
      maxInFlight: 4,
      maxEntries: maxResultsPerBatch,
      cut: cutResults,
      publish: (draft) => this.publishResults(draft),
    });
    this.telemetry = new StreamSender({
      ...shared,
      stream: 'telemetry',
      maxInFlight: 4,
      maxEntries: 1,
      cut: cutWindow,
      publish: (draft) => options.link.publish('telemetry', { ...draft, sentAt: clock.now() }),
    });
  }

  up(): void {
    this.results.up();
    this.telemetry.up();
  }

  down(): void {
    this.results.down();
    this.telemetry.down();
  }

  wake(): void {
    this.results.wake();
    this.telemetry.wake();
  }

  async acknowledge({ acks }: MessageOf<'ack'>): Promise<void> {
    for (const range of acks) await this[range.stream].acknowledge(range);
  }

  private async publishResults(draft: ResultsDraft): Promise<void> {
    const { clock, link, onPublished } = this.options;
    const start = clock.monotonic();
    await link.publish('results', { ...draft, sentAt: clock.now() });
    onPublished(clock.monotonic() - start);
  }
}

/** A telemetry window is a message of its own. */
function cutWindow([entry]: readonly OutboxEntry[]): Cut<WindowDraft> | undefined {
  if (entry === undefined) return undefined;
  try {
    const message = JSON.parse(entry.body) as WindowDraft;
    return { session: entry.session, from: entry.seq, to: entry.seq, message };
  } catch {
    return undefined;
  }
}
