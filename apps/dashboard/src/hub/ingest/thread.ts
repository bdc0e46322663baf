/** @file The writer in a thread of its own, so that the broker never waits for the disk: this side of it. */
import { Worker } from 'node:worker_threads';
import { DatabaseError, type DatabaseErrorCode } from '@alpharho/db';
import type { Committed, Committer, Incoming } from './incoming.ts';

/** One request at a time; the payloads travel as one block that changes hands. */
export type CommitRequest = { messages: (Omit<Incoming, 'payload'> & { end: number })[]; bytes: Uint8Array };
export type WriterAnswer =
  | { type: 'ready' }
  | { type: 'committed'; committed: Committed }
  | { type: 'failed'; code: DatabaseErrorCode | undefined; message: string };

export class WriterThread implements Committer {
  private readonly file: string;
  private readonly onDeath: (error: Error) => void;
  private worker: Worker | undefined;
  private answer: { resolve: (committed: Committed) => void; reject: (error: Error) => void } | undefined;

  /** @param onDeath told when the thread ends without having been stopped: a fault of ours, and nothing can be written any more. */
  constructor(file: string, onDeath: (error: Error) => void) {
    this.file = file;
    this.onDeath = onDeath;
  }

  /** @throws DatabaseError where the file cannot be opened. */
  async start(): Promise<void> {
    const worker = new Worker(new URL('./worker.js', import.meta.url), { workerData: { file: this.file } });
    this.worker = worker;
    worker.on('message', (answer: WriterAnswer) => this.onAnswer(answer));
    worker.once('error', (error: Error) => this.die(error));
    worker.once('exit', (code) => this.die(new Error(`the writer's thread ended with code ${code}`)));
    const opened = new Promise<void>((resolve, reject) => {
      this.answer = { resolve: () => resolve(), reject };
    });
    await opened.catch((error: unknown) => {
      this.worker = undefined;
      throw error;
    });
  }

  async commit(messages: readonly Incoming[]): Promise<Committed> {
    const { worker } = this;
    if (worker === undefined) throw new Error("the writer's thread has ended");
    const request = pack(messages);
    return new Promise<Committed>((resolve, reject) => {
      this.answer = { resolve, reject };
      worker.postMessage(request, [request.bytes.buffer as ArrayBuffer]);
    });
  }

  /** Call it when no commit is under way. */
  async stop(): Promise<void> {
    const { worker } = this;
    this.worker = undefined;
    if (worker === undefined) return;
    const exited = new Promise<void>((resolve) => worker.once('exit', () => resolve()));
    worker.postMessage('close');
    await exited;
  }

  private onAnswer(answer: WriterAnswer): void {
    const waiting = this.answer;
    this.answer = undefined;
    if (answer.type === 'ready') waiting?.resolve({ acks: [], refusals: [] });
    else if (answer.type === 'committed') waiting?.resolve(answer.committed);
    else waiting?.reject(answer.code === undefined ? new Error(answer.message) : new DatabaseError(answer.code, answer.message));
  }

  private die(error: Error): void {
    this.answer?.reject(error);
    this.answer = undefined;
    if (this.worker === undefined) return;
    this.worker = undefined;
    this.onDeath(error);
  }
}

export function pack(messages: readonly Incoming[]): CommitRequest {
  const bytes = new Uint8Array(messages.reduce((sum, { payload }) => sum + payload.byteLength, 0));
  let end = 0;
  const heads = messages.map(({ payload, ...head }) => {
    bytes.set(payload, end);
    end += payload.byteLength;
    return { ...head, end };
  });
  return { messages: heads, bytes };
}

export function unpack({ messages, bytes }: CommitRequest): Incoming[] {
  let start = 0;
  return messages.map(({ end, ...head }) => {
    const payload = bytes.subarray(start, end);
    start = end;
    return { ...head, payload };
  });
}
