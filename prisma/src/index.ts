/** @file The hub's database: schema, migrations, client. Imports nothing of Alpharho's other packages. */
export { type Database, openDatabase } from './client.ts';
export { DatabaseError, type DatabaseErrorCode, databaseErrorCode, toDatabaseError } from './errors.ts';
export * from './generated/client.ts';
export { migrate } from './migrate.ts';
export { openWriter, type SqlRow, type SqlValue, type Statement, type Writer } from './writer.ts';
