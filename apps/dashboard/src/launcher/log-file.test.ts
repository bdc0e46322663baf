import { mkdtemp, readFile, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { LogFile } from './log-file.ts';

const unexpected = (code: string | undefined) => expect.unreachable(`cannot write: ${code}`);

async function logPath(): Promise<string> {
  return join(await mkdtemp(join(tmpdir(), 'alpharho-')), 'hub.log');
}

function holds(file: string, text: string): Promise<void> {
  return expect.poll(() => readFile(file, 'utf8').catch(() => undefined)).toBe(text);
}

describe('LogFile', () => {
  it('goes on behind what an earlier run wrote', async () => {
    const file = await logPath();
    await writeFile(file, 'earlier\n');
    const log = new LogFile({ file, onError: unexpected });
    log.open();
    log.write(Buffer.from('later\n'));
    log.close();
    await holds(file, 'earlier\nlater\n');
  });

  it('keeps two files, however much is written', async () => {
    const file = await logPath();
    const log = new LogFile({ file, maxBytes: 8, onError: unexpected });
    log.open();
    for (const line of ['one 1\n', 'two 2\n', 'three\n']) {
      log.write(Buffer.from(line));
      await holds(file, line);
    }
    await holds(`${file}.1`, 'two 2\n');
    log.close();
  });

  it('says why it cannot be written, once, and takes no harm', async () => {
    const file = join(await logPath(), 'below-a-missing-folder.log');
    const codes: (string | undefined)[] = [];
    const log = new LogFile({ file, onError: (code) => codes.push(code) });
    log.open();
    await expect.poll(() => codes).toEqual(['ENOENT']);
    log.write(Buffer.from('unheard'));
    expect(codes).toEqual(['ENOENT']);
  });
});
