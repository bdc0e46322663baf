/**
 * @file The real schema engine, offline: the one file that knows @prisma/schema-engine-wasm. Prisma does not document its interface,
 * so its version is pinned exactly.
 */
import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { bindMigrationAwareSqlAdapterFactory } from '@prisma/driver-adapter-utils';
import * as bindings from '@prisma/schema-engine-wasm/schema_engine_bg';
import { sqliteAdapter } from './adapter.ts';

/** Node's own; @types/node 20 leaves it to the DOM's types, which have no place here. */
declare const WebAssembly: {
  instantiate(bytes: Uint8Array, imports: object): Promise<{ instance: { exports: Record<string, unknown> } }>;
};

export type SchemaEngine = bindings.SchemaEngine;

let loading: Promise<void> | undefined;

/** The package's own entry imports its .wasm file, which Node 20 cannot do; so its glue code is fed by hand. */
async function load(): Promise<void> {
  const glue = createRequire(import.meta.url).resolve('@prisma/schema-engine-wasm/schema_engine_bg');
  const bytes = await readFile(glue.replace(/\.js$/, '.wasm'));
  const { instance } = await WebAssembly.instantiate(bytes, { './schema_engine_bg.js': { ...bindings } });
  bindings.__wbg_set_wasm(instance.exports);
  (instance.exports.__wbindgen_start as () => void)();
}

/** Opens `file` for the engine. The caller frees it, which closes the file. */
export async function startEngine(file: string): Promise<SchemaEngine> {
  loading ??= load();
  await loading;
  const ignoreLog = () => undefined;
  return bindings.SchemaEngine.new({ datamodels: undefined }, ignoreLog, bindMigrationAwareSqlAdapterFactory(sqliteAdapter(file)));
}
