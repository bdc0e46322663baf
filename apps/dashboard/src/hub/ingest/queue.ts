/** @file Between broker and writer: gathers messages into commits, holds senders back when there are too many, and outlasts a database that cannot be written. */
import { type DatabaseErrorCode, databaseErrorCode } from '@alpharho/db';
import type { Logger } from '../../server/logger.ts';
import type { Timers } from '../timers.ts';
import type { Committed, Committer, Incoming } from './incoming.ts';

export type QueueLimits = {
  /** A message waits at most this long for company, milliseconds. */
  lingerMs: number;
  /** Bytes that are committed at once; as many do not wait. Some 700 results. */
  commitBytes: number;
  /** Bytes held in memory; above, senders are held back. */
  heldBytes: number;
  /** What a message takes in memory besides its payload, bytes: without it, empty ones could be gathered without end. */
  messageBytes: number;
};

export const defaultLimits: QueueLimits = { lingerMs: 100, commitBytes: 256 * 1024, heldBytes: 16 * 1024 * 1024, messageBytes: 512 };

type Trouble = DatabaseErrorCode | 'internal';

const firstRetryMs = 250;
const lastRetryMs = 10_000;

type Options = {
  committer: Committer;
  onCommitted: (committed: Committed) => void;
  logger: Logger;
  timers: Timers;
  limits?: QueueLimits;
};

/**
 * INVARIANTS: one commit at a time, in the order of arrival; a message leaves the queue when it is committed, and otherwise only while the
 * database cannot be written and the memory is full, and then only what its device holds until it is acknowledged, states that a newer one
 * of the same device replaces, and snapshots, which are asked for again.
 */
export class IngestQueue {
  private readonly options: Options;
  private readonly limits: QueueLimits;
  /** Oldest first, without those that are being committed. */
  private messages: Incoming[] = [];
  /** Of all messages in memory. */
  private bytes = 0;
  private waiting: (() => void)[] = [];
  private timer: unknown;
  private committing: Promise<void> | undefined;
  private retryMs = 0;
  private trouble: Trouble | undefined;
  private stopped = false;

  constructor(options: Options) {
    this.options = options;
    this.limits = options.limits ?? defaultLimits;
  }

  /** @returns when the sender may go on. The message is not committed by then. */
  async accept(message: Incoming): Promise<void> {
    if (this.stopped) return;
    this.messages.push(message);
    this.bytes += this.sizeOf([message]);
    if (this.trouble !== undefined && this.committing === undefined && this.bytes > this.limits.heldBytes) this.shed();
    this.schedule();
    if (this.bytes > this.limits.heldBytes) await new Promise<void>((resolve) => this.waiting.push(resolve));
  }

  /** Takes no more, commits what is there, and ends; what cannot be committed stays with its devices. */
  async stop(): Promise<void> {
    this.stopped = true;
    this.cancelTimer();
    await this.committing;
    while (this.messages.length > 0 && this.trouble === undefined) await this.commit();
    this.release();
  }

  private schedule(): void {
    if (this.committing !== undefined || this.stopped || this.messages.length === 0) return;
    const full = this.bytes >= this.limits.commitBytes && this.trouble === undefined;
    if (this.timer !== undefined && !full) return;
    this.cancelTimer();
    const delay = this.trouble === undefined ? this.limits.lingerMs : this.retryMs;
    if (full) this.begin();
    else this.timer = this.options.timers.setTimeout(() => this.begin(), delay);
  }

  private begin(): void {
    this.timer = undefined;
    this.committing = this.commit().finally(() => {
      this.committing = undefined;
      this.schedule();
    });
  }

  private cancelTimer(): void {
    if (this.timer !== undefined) this.options.timers.clearTimeout(this.timer as never);
    this.timer = undefined;
  }

  private async commit(): Promise<void> {
    const batch = this.takeBatch();
    try {
      const committed = await this.options.committer.commit(batch);
      this.bytes -= this.sizeOf(batch);
      this.recovered();
      this.options.onCommitted(committed);
    } catch (error) {
      this.messages = [...batch, ...this.messages];
      this.failed(error);
    }
    if (this.bytes <= this.limits.heldBytes || this.trouble !== undefined) this.release();
  }

  /** Messages in their order, up to the size of one commit. */
  private takeBatch(): Incoming[] {
    let bytes = 0;
    let count = 0;
    while (count < this.messages.length && bytes < this.limits.commitBytes) {
      bytes += this.sizeOf(this.messages.slice(count, count + 1));
      count += 1;
    }
    return this.messages.splice(0, count);
  }

  private recovered(): void {
    if (this.trouble === undefined) return;
    this.options.logger.info({ was: this.trouble }, 'the database takes writes again');
    this.trouble = undefined;
    this.retryMs = 0;
  }

  /** Told once, when it begins. */
  private failed(error: unknown): void {
    const code = databaseErrorCode(error) ?? 'internal';
    if (this.trouble !== code) {
      this.options.logger.error({ code, err: error }, 'the database cannot be written; devices keep their results, and it is tried again');
    }
    this.trouble = code;
    this.retryMs = Math.min(Math.max(this.retryMs * 2, firstRetryMs), lastRetryMs);
    if (this.bytes > this.limits.heldBytes) this.shed();
  }

  private shed(): void {
    const newest = new Map<string, Incoming>();
    for (const message of this.messages) {
      if (message.topic === 'presence' || message.topic === 'reported') newest.set(`${message.device}/${message.topic}`, message);
    }
    const kept = new Set(newest.values());
    this.messages = this.messages.filter((message) => kept.has(message));
    this.bytes = this.sizeOf(this.messages);
  }

  private release(): void {
    for (const resume of this.waiting.splice(0)) resume();
  }

  private sizeOf(messages: readonly Incoming[]): number {
    const { messageBytes } = this.limits;
    return messages.reduce((sum, { payload }) => sum + payload.byteLength + messageBytes, 0);
  }
}
