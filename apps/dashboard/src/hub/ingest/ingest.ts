/** @file Applies messages to the database: one call, one transaction, one thread. */
import { databaseErrorCode, type Writer } from '@alpharho/db';
import { apply } from './apply.ts';
import { decodeIncoming, type Message } from './decode.ts';
import type { Committed, Incoming } from './incoming.ts';
import { RefusalLimit } from './refusals.ts';
import { Sessions } from './sessions.ts';
import { prepareStatements, type Statements } from './statements.ts';
import { UnitOfWork } from './unit-of-work.ts';

/**
 * INVARIANTS: what commit() does, it does in one transaction; it acknowledges only what that transaction holds; no message can keep
 * another from being written.
 */
export class Ingest {
  private readonly writer: Writer;
  private readonly sql: Statements;
  private readonly sessions: Sessions;
  private readonly refusalLimit = new RefusalLimit();

  constructor(writer: Writer) {
    this.writer = writer;
    this.sql = prepareStatements(writer);
    this.sessions = new Sessions(this.sql);
  }

  /** @throws DatabaseError where nothing could be written; the same messages may be given again. */
  commit(messages: readonly Incoming[]): Committed {
    const decoded = messages.map((incoming) => ({ incoming, result: decodeIncoming(incoming) }));
    try {
      return this.writer.transaction(() => {
        const work = new UnitOfWork(this.sql, this.refusalLimit);
        for (const { incoming, result } of decoded) {
          if (result.ok) this.take(work, incoming, result.message);
          else work.refuse(incoming, result.refused);
        }
        return work.finish();
      });
    } catch (error) {
      this.sessions.forget();
      throw error;
    }
  }

  private take(work: UnitOfWork, incoming: Incoming, message: Message): void {
    const attempt = () => this.writer.attempt(() => apply(work, this.sessions, incoming, message));
    try {
      attempt();
    } catch (error) {
      if (databaseErrorCode(error) !== undefined) throw error;
      this.sessions.forget();
      try {
        // Someone may have deleted the device, and with it the session that was remembered.
        attempt();
      } catch (again) {
        if (databaseErrorCode(again) !== undefined) throw again;
        this.sessions.forget();
        // No acknowledgement: the fault is ours, and the device keeps what it sent until it is mended.
        work.refuse(incoming, { topic: incoming.topic, code: 'internal', message: `fault of the hub: ${String(again)}`, ranges: [] });
      }
    }
  }
}
