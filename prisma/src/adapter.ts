/**
 * @file The libsql adapter with one connection for its whole life.
 *
 * The library's client gives its connection away with each transaction and opens another one (@libsql/client 0.17, lib/sqlite3:
 * "A new connection will be lazily created on next use"), which loses every PRAGMA and leaves the old connection to the garbage collector.
 * Prisma's adapter holds a lock for as long as a transaction runs, so that one connection can serve both.
 */
import { pathToFileURL } from 'node:url';
import { PrismaLibSql } from '@prisma/adapter-libsql';

type Config = Parameters<PrismaLibSql['createClient']>[0];
type Client = ReturnType<PrismaLibSql['createClient']>;
type Transaction = Awaited<ReturnType<Client['transaction']>>;

/** How long SQLite waits for another process's commit, milliseconds. The wait blocks this thread: writers keep transactions short. */
export const busyTimeoutMs = 5000;

/**
 * `synchronous = FULL` puts each commit on the disk before it returns: the hub acknowledges results on a commit, and devices then forget them.
 * The journal is limited so that a burst does not leave a large file behind.
 */
export const pragmas = ['journal_mode = WAL', 'synchronous = FULL', 'foreign_keys = ON', 'journal_size_limit = 67108864'];

/** The driver for `file`. Opens nothing before `connect`, which throws what SQLite says of the file. */
export function sqliteAdapter(file: string): PrismaLibSql {
  return new SingleConnection(pathToFileURL(file).href);
}

class SingleConnection extends PrismaLibSql {
  constructor(url: string) {
    super({ url, timeout: busyTimeoutMs }, { timestampFormat: 'unixepoch-ms' });
  }

  override async connect(): ReturnType<PrismaLibSql['connect']> {
    const adapter = await super.connect();
    try {
      await adapter.executeScript(pragmas.map((pragma) => `PRAGMA ${pragma};`).join('\n'));
    } catch (error) {
      await adapter.dispose();
      throw error;
    }
    return adapter;
  }

  override createClient(config: Config): Client {
    const client = super.createClient(config);
    client.transaction = () => beginOn(client);
    return client;
  }
}

/** Takes the write lock at once: a transaction that reads first and writes later can fail half way where another process wrote between. */
async function beginOn(client: Client): Promise<Transaction> {
  await client.execute('BEGIN IMMEDIATE');
  let closed = false;
  const rollback = async () => {
    if (closed) return;
    closed = true;
    // SQLite has rolled back by itself after some errors (a full disk); there is nothing to do then.
    await client.execute('ROLLBACK').catch(() => undefined);
  };
  return {
    get closed() {
      return closed;
    },
    execute: (statement: Parameters<Transaction['execute']>[0]) => client.execute(statement),
    batch: (statements) => Promise.all(statements.map((statement) => client.execute(statement))),
    executeMultiple: async (sql) => {
      await client.executeMultiple(sql);
    },
    commit: async () => {
      try {
        await client.execute('COMMIT');
        closed = true;
      } catch (error) {
        await rollback();
        throw error;
      }
    },
    rollback,
    close: () => void rollback(),
  };
}
