/** @file The writer in a thread of its own: the thread's side. Commits what it is sent, one request after the other. */
import { parentPort, workerData } from 'node:worker_threads';
import { databaseErrorCode, openWriter } from '@alpharho/db';
import { Ingest } from './ingest.ts';
import { type CommitRequest, unpack, type WriterAnswer } from './thread.ts';

const port = parentPort;
if (port === null) throw new Error('this file runs in a thread of the hub');
const answer = (message: WriterAnswer) => port.postMessage(message);

function failure(error: unknown): WriterAnswer {
  return { type: 'failed', code: databaseErrorCode(error), message: error instanceof Error ? error.message : String(error) };
}

try {
  const writer = openWriter((workerData as { file: string }).file);
  const ingest = new Ingest(writer);
  port.on('message', (request: CommitRequest | 'close') => {
    if (request === 'close') {
      writer.close();
      port.close();
      return;
    }
    try {
      answer({ type: 'committed', committed: ingest.commit(unpack(request)) });
    } catch (error) {
      answer(failure(error));
    }
  });
  answer({ type: 'ready' });
} catch (error) {
  answer(failure(error));
  port.close();
}
