import { mkdtemp, readdir, writeFile } from 'node:fs/promises';
import { type AddressInfo, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { checkDataFolder, checkPort } from './preflight.ts';

describe('checkDataFolder', () => {
  it('creates a missing folder and leaves nothing in it', async () => {
    const folder = join(await mkdtemp(join(tmpdir(), 'alpharho-')), 'a', 'b');
    await checkDataFolder(folder);
    expect(await readdir(folder)).toEqual([]);
  });

  it('says in one line which folder cannot be written and what to set', async () => {
    const file = join(await mkdtemp(join(tmpdir(), 'alpharho-')), 'file');
    await writeFile(file, 'x');
    const folder = join(file, 'data');
    await expect(checkDataFolder(folder)).rejects.toMatchObject({
      code: 'disk_read_only',
      message: `The data folder ${folder} cannot be written (ENOTDIR); change its owner or set ALPHARHO_DATA_DIR to another folder.`,
    });
  });
});

describe('checkPort', () => {
  it('says which port is in use, by what it is wanted for and the setting that moves it', async () => {
    const other = createServer();
    await new Promise<void>((resolve) => other.listen(0, '127.0.0.1', resolve));
    const { port } = other.address() as AddressInfo;
    await expect(checkPort('127.0.0.1', port, 'dashboard', 'ALPHARHO_WEB_PORT')).rejects.toMatchObject({
      code: 'port_in_use',
      message: `Port ${port} (dashboard) is in use; stop what listens there, or set ALPHARHO_WEB_PORT to a free port.`,
    });
    await new Promise((resolve) => other.close(resolve));
    await expect(checkPort('127.0.0.1', port, 'dashboard', 'ALPHARHO_WEB_PORT')).resolves.toBeUndefined();
  });

  it('names an address that this machine does not have', async () => {
    await expect(checkPort('192.0.2.1', 0, 'hub', 'ALPHARHO_HTTP_PORT')).rejects.toMatchObject({ code: 'config_invalid' });
  });
});
