/** @file How large the outbox's file is, and how it becomes smaller again. */
import type { Connection, Statements } from './sqlite.ts';

/** Freed pages go back to the disk where they are the greater part of the file and more than this, or a long outage would leave a large file for ever. */
const vacuumBytes = 1_000_000;
/** Pages given back in one step: a short write. */
const vacuumPages = 512;

/** After many entries are gone. */
export async function giveBack(connection: Connection): Promise<void> {
  for (;;) {
    const { pages, free, pageSize } = await pagesOf(connection);
    if (free * pageSize <= vacuumBytes || free * 2 <= pages) return;
    await connection.exec(`PRAGMA incremental_vacuum(${vacuumPages})`);
  }
}

async function pagesOf(statements: Pick<Statements, 'all'>): Promise<{ pages: number; free: number; pageSize: number }> {
  const [row] = await statements.all<{ pages: number; free: number; pageSize: number }>(
    `SELECT page_count AS pages, freelist_count AS free, page_size AS pageSize
     FROM pragma_page_count(), pragma_freelist_count(), pragma_page_size()`,
  );
  return row ?? { pages: 0, free: 0, pageSize: 0 };
}

/** Of the pages in use: what the file would take on disk, without a walk through every entry. */
export async function bytesOf(statements: Pick<Statements, 'all'>): Promise<number> {
  const { pages, free, pageSize } = await pagesOf(statements);
  return (pages - free) * pageSize;
}
