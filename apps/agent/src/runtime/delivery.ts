/** @file The streams from the spool to the hub: the highest priority that has something to say speaks first. */
import { type MessageOf, maxResultsPerBatch } from '@alpharho/protocol';
import { type Cut, cutResults } from '../domain/batches.ts';
import type { Clock } from '../domain/clock.ts';
import { type Link, type Log, type OutboxEntry, type Stream, streams } from '../domain/ports.ts';
import type { Spool } from './spool.ts';
import { StreamSender, type StreamSenderOptions } from './stream-sender.ts';

export type DeliveryOptions = {
  readonly spool: Spool;
  readonly link: Pick<Link, 'publish'>;
  readonly clock: Clock;
  readonly log: Log;
  /** A batch of results took this long from here to the broker's receipt, milliseconds. */
  readonly onPublished: (ms: number) => void;
};

/** A hub that comes back is not flooded: so many messages of one stream wait for its commit, and the next goes when one is answered. */
const maxInFlight = 4;

type Sender = Pick<StreamSender<unknown>, 'up' | 'down' | 'step' | 'acknowledge'>;

/** INVARIANT: a message leaves only when no stream of a higher priority has one that may go, unless the hub does not answer that stream. */
export class Delivery {
  private readonly options: DeliveryOptions;
  private readonly senders: Record<Stream, Sender>;
  private pumping = false;
  private again = false;

  constructor(options: DeliveryOptions) {
    this.options = options;
    const { clock, link } = options;
    const sendEvent = (draft: Omit<MessageOf<'events'>, 'sentAt'>) => link.publish('events', { ...draft, sentAt: clock.now() });
    const sendWindow = (draft: Omit<MessageOf<'telemetry'>, 'sentAt'>) => link.publish('telemetry', { ...draft, sentAt: clock.now() });
    this.senders = {
      status: this.sender('status', 1, cutOne<Omit<MessageOf<'events'>, 'sentAt'>>, sendEvent),
      events: this.sender('events', 1, cutOne<Omit<MessageOf<'events'>, 'sentAt'>>, sendEvent),
      telemetry: this.sender('telemetry', 1, cutOne<Omit<MessageOf<'telemetry'>, 'sentAt'>>, sendWindow),
      results: this.sender('results', maxResultsPerBatch, cutResults, async (draft) => {
        const start = clock.monotonic();
        await link.publish('results', { ...draft, sentAt: clock.now() });
        options.onPublished(clock.monotonic() - start);
      }),
    };
  }

  up(): void {
    this.options.spool.up();
    for (const stream of streams) this.senders[stream].up();
  }

  down(): void {
    for (const stream of streams) this.senders[stream].down();
    this.options.spool.down();
  }

  /** There may be something to send. */
  wake(): void {
    this.again = true;
    if (this.pumping) return;
    this.pumping = true;
    void this.pump().finally(() => {
      this.pumping = false;
    });
  }

  async acknowledge({ acks }: MessageOf<'ack'>): Promise<void> {
    await Promise.all(acks.map((range) => this.senders[range.stream].acknowledge(range)));
  }

  private async pump(): Promise<void> {
    while (this.again) {
      this.again = false;
      while (await this.sendOne());
    }
  }

  /** @returns whether a message went */
  private async sendOne(): Promise<boolean> {
    for (const stream of streams) {
      const step = await this.senders[stream].step();
      if (step === 'sent') return true;
      if (step === 'full') return false;
    }
    return false;
  }

  private sender<M>(
    stream: Stream,
    maxEntries: number,
    cut: StreamSenderOptions<M>['cut'],
    publish: StreamSenderOptions<M>['publish'],
  ): StreamSender<M> {
    const { spool, clock, log } = this.options;
    const onReady = (): void => this.wake();
    const read = spool.read.bind(spool);
    const remove = spool.remove.bind(spool);
    return new StreamSender({ stream, maxInFlight, maxEntries, read, remove, cut, publish, onReady, clock, log });
  }
}

/** An entry that is a message of its own. */
function cutOne<M>([entry]: readonly OutboxEntry[]): Cut<M> | undefined {
  if (entry === undefined) return undefined;
  try {
    return { session: entry.session, from: entry.seq, to: entry.seq, message: JSON.parse(entry.body) as M };
  } catch {
    return undefined;
  }
}
