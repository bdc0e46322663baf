/** @file Use case: files that entered the registry before it signed get their manifests. */
import { readFile } from 'node:fs/promises';
import { isAlpharhoError } from '@alpharho/protocol';
import type { Logger } from '../logger.ts';
import type { Registry } from '../registry.ts';

/** Signs what is stored and bears no signature. What cannot be signed is named in the log, and stays as it is. */
export async function signUnsigned(registry: Registry, logger: Logger): Promise<void> {
  const rows = await registry.db.variant.findMany({ where: { stored: true, manifest: null }, select: { id: true } });
  if (rows.length === 0) return;
  // It brings the model runtime with it, which a hub needs for nothing else.
  const { addVariant } = await import('./add-variant.ts');
  for (const { id } of rows) {
    try {
      await addVariant(registry, await readFile(registry.blobs.fileOf(id)));
      logger.info({ variant: id }, 'signed a variant that was added before there were keys');
    } catch (error) {
      const known = isAlpharhoError(error) || (error instanceof Error && 'code' in error && error.code === 'ENOENT');
      if (!known) throw error;
      logger.warn({ err: error, variant: id }, 'a variant cannot be signed: devices cannot be given it');
    }
  }
}
