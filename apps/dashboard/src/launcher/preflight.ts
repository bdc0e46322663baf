/** @file What can be known to be wrong before anything is started: a folder that cannot be written, a port in use. */
import { randomUUID } from 'node:crypto';
import { mkdir, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { AlpharhoError } from '@alpharho/protocol';

/** Creates the folder and writes to it. @throws AlpharhoError disk_read_only or disk_full. */
export async function checkDataFolder(folder: string): Promise<void> {
  const probe = join(folder, `.write-${randomUUID()}`);
  try {
    await mkdir(folder, { recursive: true });
    await writeFile(probe, 'x');
    await rm(probe);
  } catch (cause) {
    const code = (cause as NodeJS.ErrnoException).code;
    if (code === 'ENOSPC')
      throw new AlpharhoError('disk_full', `The disk of the data folder ${folder} is full; free some space.`, { cause });
    throw new AlpharhoError(
      'disk_read_only',
      `The data folder ${folder} cannot be written (${code}); change its owner or set ALPHARHO_DATA_DIR to another folder.`,
      { cause },
    );
  }
}

/** @throws AlpharhoError port_in_use, naming the setting that moves the port. */
export async function checkPort(host: string, port: number, what: string, setting: string): Promise<void> {
  const server = createServer();
  try {
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject);
      server.listen({ host, port, exclusive: true }, resolve);
    });
  } catch (cause) {
    const code = (cause as NodeJS.ErrnoException).code;
    if (code === 'EADDRINUSE') {
      throw new AlpharhoError(
        'port_in_use',
        `Port ${port} (${what}) is in use; stop what listens there, or set ${setting} to a free port.`,
        { cause },
      );
    }
    throw new AlpharhoError(
      'config_invalid',
      `Cannot listen on ${host}:${port} (${what}): ${code}. ${setting} and ALPHARHO_HOST choose the address.`,
      { cause },
    );
  } finally {
    server.close();
  }
}
