/** @file Files named by their SHA-256, in one folder. A name never changes its content, so readers need no locks. */
import { createHash, randomUUID } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { mkdir, open, rename, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { AlpharhoError, sha256Schema } from '@alpharho/protocol';

export type Blob = {
  sha256: string;
  /** Bytes. */
  size: number;
  path: string;
  /** Streams bytes `start` to `end`, both included; all of them by default. */
  read: (range?: { start: number; end: number }) => Readable;
};

export class BlobStore {
  private readonly folder: string;

  constructor(folder: string) {
    this.folder = folder;
  }

  /** Stores `bytes`, on the disk when this returns; what is stored already is left as it is. @returns their SHA-256. */
  async put(bytes: Uint8Array): Promise<string> {
    const sha256 = createHash('sha256').update(bytes).digest('hex');
    if ((await this.find(sha256))?.size === bytes.byteLength) return sha256;
    await mkdir(this.folder, { recursive: true });
    const part = join(this.folder, `.part-${randomUUID()}`);
    try {
      await writeDurably(part, bytes);
      await rename(part, this.fileOf(sha256));
    } catch (error) {
      await rm(part, { force: true });
      throw error;
    }
    await syncFolder(this.folder);
    return sha256;
  }

  /**
   * Stores a copy of the file at `path`, on the disk when this returns; what is stored already is left as it is.
   * @throws AlpharhoError digest_mismatch where its bytes do not have the promised SHA-256
   */
  async putFile(path: string, sha256: string): Promise<void> {
    if ((await this.find(sha256))?.size === (await stat(path)).size) return;
    await mkdir(this.folder, { recursive: true });
    const part = join(this.folder, `.part-${randomUUID()}`);
    try {
      const found = await copyDurably(path, part);
      if (found !== sha256)
        throw new AlpharhoError('digest_mismatch', `the file has SHA-256 ${found}, not ${sha256}: it changed meanwhile`);
      await rename(part, this.fileOf(sha256));
    } catch (error) {
      await rm(part, { force: true });
      throw error;
    }
    await syncFolder(this.folder);
  }

  /** Those who read it go on. */
  async remove(sha256: string): Promise<void> {
    await rm(this.fileOf(sha256Schema.parse(sha256)), { force: true });
  }

  /** @returns undefined where `sha256` is not stored here, or is no SHA-256 at all. */
  async find(sha256: string): Promise<Blob | undefined> {
    if (!sha256Schema.safeParse(sha256).success) return undefined;
    const path = this.fileOf(sha256);
    try {
      const { size } = await stat(path);
      return { sha256, size, path, read: (range) => createReadStream(path, range) };
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
      throw error;
    }
  }

  /** Where the file of this SHA-256 lies, or would lie. */
  fileOf(sha256: string): string {
    return join(this.folder, `${sha256}.onnx`);
  }
}

async function writeDurably(path: string, bytes: Uint8Array): Promise<void> {
  const file = await open(path, 'wx');
  try {
    await file.writeFile(bytes);
    await file.sync();
  } finally {
    await file.close();
  }
}

/** @returns the SHA-256 of what was copied. */
async function copyDurably(from: string, to: string): Promise<string> {
  const hash = createHash('sha256');
  const file = await open(to, 'wx');
  try {
    for await (const chunk of createReadStream(from)) {
      hash.update(chunk as Buffer);
      await file.writeFile(chunk as Buffer);
    }
    await file.sync();
  } finally {
    await file.close();
  }
  return hash.digest('hex');
}

/** A rename is on the disk only when its folder is (fsync(2)). */
async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}
