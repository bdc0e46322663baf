/** @file Private keys as files, `<id>.pem` in one folder, for their owner's eyes alone. What is missing here may lie on another machine. */
import { chmod, mkdir, open, readdir, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { AlpharhoError, type KeyId, keyIdSchema } from '@alpharho/protocol';
import { type PrivateKey, readPrivatePem, writePrivatePem } from './ed25519.ts';

export class KeyFiles {
  readonly folder: string;

  constructor(folder: string) {
    this.folder = folder;
  }

  /** On the disk when this returns. */
  async write(key: PrivateKey): Promise<void> {
    await mkdir(this.folder, { recursive: true, mode: 0o700 });
    await writePrivateFile(this.fileOf(key.id), writePrivatePem(key));
  }

  /** @returns undefined where the private part is not here. @throws AlpharhoError config_invalid where its file holds something else */
  async read(id: KeyId): Promise<PrivateKey | undefined> {
    const path = this.fileOf(id);
    let pem: string;
    try {
      pem = await readFile(path, 'utf8');
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
      throw error;
    }
    const key = readPrivatePem(pem, path);
    if (key.id === id) return key;
    throw new AlpharhoError('config_invalid', `${path} holds key ${key.id}, not ${id}: give it its own name again`);
  }

  /** Ids of the keys whose private part is here. */
  async list(): Promise<Set<KeyId>> {
    const names = await readdir(this.folder).catch((error: NodeJS.ErrnoException) => {
      if (error.code === 'ENOENT') return [];
      throw error;
    });
    const ids = names.filter((name) => name.endsWith('.pem')).map((name) => name.slice(0, -'.pem'.length));
    return new Set(ids.filter((id) => keyIdSchema.safeParse(id).success));
  }

  async remove(id: KeyId): Promise<void> {
    await rm(this.fileOf(id), { force: true });
  }

  fileOf(id: KeyId): string {
    return join(this.folder, `${keyIdSchema.parse(id)}.pem`);
  }
}

/** Writes a new file that only its owner reads. @throws AlpharhoError config_invalid where there is one already */
export async function writePrivateFile(path: string, text: string): Promise<void> {
  const file = await open(path, 'wx', 0o600).catch((cause: NodeJS.ErrnoException) => {
    if (cause.code === 'EEXIST')
      throw new AlpharhoError('config_invalid', `${path} exists already; a key is never written over`, { cause });
    throw cause;
  });
  try {
    await file.writeFile(text);
    await file.sync();
  } finally {
    await file.close();
  }
  // Whatever the umask is.
  await chmod(path, 0o600);
}
