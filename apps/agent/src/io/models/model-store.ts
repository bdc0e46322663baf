/** @file Variant files on disk by their digest: `<sha256>.onnx` is checked and whole, `<sha256>.part` is on its way. */
import { webcrypto } from 'node:crypto';
import { readdir, readFile, rm, stat, statfs } from 'node:fs/promises';
import { join } from 'node:path';
import { AlpharhoError, type Sha256 } from '@alpharho/protocol';
import type { Clock } from '../../domain/clock.ts';
import type { ModelStore } from '../../domain/ports.ts';
import { diskError, systemCode } from '../system/disk-error.ts';
import { moveInto, writeWhole } from '../system/write-whole.ts';
import { downloadInto } from './download.ts';
import type { Pace } from './pace-guard.ts';

/** Left free beside a download, bytes: the outbox and the rest of the system need room as well. */
const spareBytes = 32 * 1024 * 1024;

export type ModelStoreOptions = { readonly folder: string; readonly clock: Clock; readonly pace: Pace };

export class FolderModelStore implements ModelStore {
  private readonly options: ModelStoreOptions;
  private readonly folder: string;
  /** Digests whose part began as the rest of an earlier try. */
  private readonly resumed = new Set<Sha256>();

  constructor(options: ModelStoreOptions) {
    this.options = options;
    this.folder = options.folder;
  }

  async load(sha256: Sha256): Promise<Uint8Array | undefined> {
    let bytes: Uint8Array<ArrayBuffer>;
    try {
      bytes = await readFile(this.path(sha256));
    } catch (error) {
      if (systemCode(error) === 'ENOENT') return undefined;
      throw diskError(this.path(sha256), error);
    }
    if ((await digestOf(bytes)) === sha256) return bytes;
    await rm(this.path(sha256), { force: true }).catch(() => undefined);
    throw new AlpharhoError('digest_mismatch', `${this.path(sha256)} is damaged and was thrown away`);
  }

  async fetch(file: { sha256: Sha256; bytes: number; url: URL }, progress: (percent: number) => void, signal: AbortSignal): Promise<void> {
    if ((await sizeOf(this.path(file.sha256))) === file.bytes) return;
    const part = this.part(file.sha256);
    const present = await sizeOf(part);
    await this.checkRoom(file.bytes - (present ?? 0));
    const { clock, pace } = this.options;
    if (await downloadInto(part, { ...file, progress, signal, clock, pace })) this.resumed.add(file.sha256);
    else this.resumed.delete(file.sha256);
  }

  async verify({ sha256, bytes }: { sha256: Sha256; bytes: number }, signal: AbortSignal): Promise<Uint8Array> {
    const kept = await this.load(sha256).catch(() => undefined);
    if (kept !== undefined) return kept;
    const part = this.part(sha256);
    const size = await sizeOf(part);
    if (size !== bytes) {
      await rm(part, { force: true });
      throw new AlpharhoError('length_mismatch', `variant ${short(sha256)}: ${size ?? 0} bytes came, ${bytes} were promised`);
    }
    const file = await readFile(part, { signal }).catch((error: unknown) =>
      Promise.reject(signal.aborted ? signal.reason : diskError(part, error)),
    );
    const found = await digestOf(file);
    signal.throwIfAborted();
    if (found !== sha256) throw await this.mismatch(sha256, found);
    await moveInto(part, this.path(sha256)).catch((error: unknown) => Promise.reject(diskError(part, error)));
    return file;
  }

  async put(sha256: Sha256, bytes: Uint8Array): Promise<void> {
    if ((await sizeOf(this.path(sha256))) !== bytes.byteLength) await writeWhole(this.path(sha256), bytes);
  }

  async keepOnly(digests: readonly Sha256[]): Promise<void> {
    const names = await readdir(this.folder);
    const stale = names.filter((name) => /^[0-9a-f]{64}\.(onnx|part)$/.test(name) && !digests.includes(name.slice(0, 64)));
    await Promise.all(stale.map((name) => rm(join(this.folder, name), { force: true })));
  }

  private path(sha256: Sha256): string {
    return join(this.folder, `${sha256}.onnx`);
  }

  private part(sha256: Sha256): string {
    return join(this.folder, `${sha256}.part`);
  }

  /** A part that was pieced together from two tries may be at fault itself: that one is worth a fresh try. */
  private async mismatch(sha256: Sha256, found: string): Promise<AlpharhoError> {
    await rm(this.part(sha256), { force: true });
    const message = `variant ${short(sha256)}: the bytes have SHA-256 ${short(found)}; they were thrown away`;
    return new AlpharhoError(this.resumed.delete(sha256) ? 'download_failed' : 'digest_mismatch', message);
  }

  private async checkRoom(bytes: number): Promise<void> {
    // Where the folder is not there yet, the download makes it, and says what is wrong if it cannot.
    const facts = await statfs(this.folder).catch(() => undefined);
    if (facts === undefined || facts.bavail * facts.bsize >= bytes + spareBytes) return;
    const free = Math.floor((facts.bavail * facts.bsize) / 1e6);
    throw new AlpharhoError(
      'disk_full',
      `${this.folder}: ${free} MB free, the variant needs ${Math.ceil((bytes + spareBytes) / 1e6)} MB with some to spare`,
    );
  }
}

async function sizeOf(path: string): Promise<number | undefined> {
  try {
    return (await stat(path)).size;
  } catch (error) {
    if (systemCode(error) === 'ENOENT') return undefined;
    throw diskError(path, error);
  }
}

/** SHA-256 in the thread pool: a board without SHA instructions takes a tenth of a second for a large model, and frames go on meanwhile. */
async function digestOf(bytes: Uint8Array<ArrayBuffer>): Promise<string> {
  return Buffer.from(await webcrypto.subtle.digest('SHA-256', bytes)).toString('hex');
}

function short(sha256: string): string {
  return sha256.slice(0, 12);
}
