/** @file Writes settings into the settings file: other keys, their order and every comment stay as they are. */
import { randomBytes } from 'node:crypto';
import { open, rm, stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import { AlpharhoError } from '@alpharho/protocol';
import { Document, parseDocument } from 'yaml';
import { diskError, systemCode } from '../io/system/disk-error.ts';
import { makeFolder } from '../io/system/make-folder.ts';
import { writeWhole } from '../io/system/write-whole.ts';
import { parseConfigFile, readConfigText } from './config-file.ts';
import { dashed, type SettingName } from './table.ts';

const intro = ' alpharho-agent: "alpharho-agent config --explain" lists every setting.';

export type NewSettings = Partial<Record<SettingName, string>>;

/**
 * The file is replaced whole. A new one can be read by its owner alone, since its addresses may carry passwords; one that was there keeps
 * its owner and group, and loses what others may do with it.
 * @throws AlpharhoError config_invalid where the file that is there cannot be read as one; disk_full or disk_read_only
 */
export async function editConfigFile(path: string, changes: NewSettings): Promise<void> {
  const before = await textOf(path);
  if (before !== undefined) parseConfigFile(path, before);
  await replace(path, edited(before, changes));
}

/** @throws AlpharhoError config_invalid, disk_read_only: what `editConfigFile` would meet, before anything is changed anywhere */
export async function checkEditable(path: string): Promise<void> {
  const before = await textOf(path);
  if (before !== undefined) parseConfigFile(path, before);
  try {
    await makeFolder(dirname(path));
    const probe = `${path}.${randomBytes(4).toString('hex')}.probe`;
    await (await open(probe, 'wx', 0o600)).close();
    await rm(probe);
  } catch (error) {
    throw writeFault(path, error);
  }
}

function edited(before: string | undefined, changes: NewSettings): string {
  const document = parseDocument(before ?? '');
  const target = document.contents === null ? new Document({}) : document;
  if (document.contents === null) target.commentBefore = document.commentBefore ?? document.comment ?? intro;
  for (const [name, value] of Object.entries(changes)) target.set(dashed(name as SettingName), value);
  return target.toString({ lineWidth: 0 });
}

async function textOf(path: string): Promise<string | undefined> {
  const exists = await stat(path).catch((error: unknown) => {
    if (systemCode(error) === 'ENOENT') return undefined;
    throw new AlpharhoError('config_invalid', `${path} cannot be read (${systemCode(error) ?? String(error)})`, { cause: error });
  });
  return exists === undefined ? undefined : readConfigText(path);
}

async function replace(path: string, text: string): Promise<void> {
  const before = await stat(path).catch(() => undefined);
  const access = before === undefined ? { mode: 0o600 } : { mode: before.mode & 0o770, owner: before };
  await writeWhole(path, text, access).catch((error: unknown) => {
    throw writeFault(path, error);
  });
}

function writeFault(path: string, error: unknown): AlpharhoError {
  const fault = diskError(path, error);
  if (fault.code !== 'disk_read_only') return fault;
  return new AlpharhoError(
    'disk_read_only',
    `${path} cannot be written (${systemCode(fault.cause)}); run as root (sudo), or name another file: --config FILE`,
    {
      cause: error,
    },
  );
}
