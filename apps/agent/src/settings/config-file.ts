/** @file The settings file: YAML, small, and without a key that means nothing. */
import { AlpharhoError } from '@alpharho/protocol';
import { isMap, isScalar, isSeq, LineCounter, parseDocument } from 'yaml';
import { systemCode } from '../io/system/disk-error.ts';
import { readSmall } from '../io/system/read-small.ts';
import { nearest } from './nearest.ts';
import { dashed, type SettingName, settingNames } from './table.ts';

/** Read where no file is named. */
export const defaultConfigFile = '/etc/alpharho-agent/config.yaml';

/** A file of every setting with a comment on each has 5 KB. */
const maxBytes = 64 * 1024;

/** A value as it is written in the file, and the line of its key. */
export type FileEntry = { readonly value: string | readonly string[]; readonly line: number };
export type ConfigFile = { readonly path: string; readonly entries: ReadonlyMap<SettingName, FileEntry> };

const byKey = new Map(settingNames.map((name) => [dashed(name), name]));

/** @throws AlpharhoError config_invalid that names the file, the line, what is wrong and what would be right; the system's error where it cannot be read */
export function parseConfigFile(path: string, text: string): ConfigFile {
  const counter = new LineCounter();
  const document = parseDocument(text, { lineCounter: counter });
  const [error] = document.errors;
  const wrong = (line: number, what: string): AlpharhoError => new AlpharhoError('config_invalid', `${path}:${line}: ${what}`);
  if (error !== undefined) {
    const line = error.linePos?.[0].line ?? 1;
    // The parser's own words for this one are advice to programmers.
    if (error.code === 'MULTIPLE_DOCS') throw wrong(line, 'a second document begins here ("---"); a settings file is one');
    throw wrong(line, `not YAML: ${error.message.split(/ at line |\n/)[0]}`);
  }
  const entries = new Map<SettingName, FileEntry>();
  if (document.contents === null) return { path, entries };
  if (!isMap(document.contents)) throw wrong(1, 'expected lines like "camera: /dev/video0"');
  for (const { key, value } of document.contents.items) {
    const word = isScalar(key) ? String(key.value) : '';
    const line = isScalar(key) ? counter.linePos(key.range?.[0] ?? 0).line : 1;
    const name = byKey.get(word);
    if (name === undefined) throw wrong(line, unknownKey(word));
    // "key:" with nothing behind it is as good as a comment.
    if (value === null || (isScalar(value) && value.value === null)) continue;
    const found = isSeq(value) ? allOrNone(value.items.map(written)) : written(value);
    if (found === undefined) throw wrong(line, `${word}: expected one value, or a list of values`);
    entries.set(name, { value: found, line });
  }
  return { path, entries };
}

/** As it stands in the file, without quotes: a device named 007 is no number. */
function written(node: unknown): string | undefined {
  return isScalar(node) ? (node.source ?? String(node.value)) : undefined;
}

function allOrNone(items: readonly (string | undefined)[]): string[] | undefined {
  const good = items.filter((item) => item !== undefined);
  return good.length === items.length ? good : undefined;
}

function unknownKey(word: string): string {
  const near = nearest(word, [...byKey.keys()]);
  const meant = near === undefined ? '"alpharho-agent config --explain" lists all' : `did you mean "${near}"?`;
  return `"${word.slice(0, 64)}" is not a setting; ${meant}`;
}

/** @throws AlpharhoError config_invalid, also where it cannot be read or is too long to be one */
export async function readConfigFile(path: string): Promise<ConfigFile> {
  return parseConfigFile(path, await readConfigText(path));
}

/** @throws AlpharhoError config_invalid where it cannot be read or is too long */
export async function readConfigText(path: string): Promise<string> {
  const text = await readSmall(path, maxBytes).catch((cause: unknown) => {
    const code = systemCode(cause) ?? String(cause);
    const remedy = code === 'EACCES' ? 'run as its owner, or as root' : 'name a file that can be read';
    throw new AlpharhoError('config_invalid', `${path} cannot be read (${code}); ${remedy}`, { cause });
  });
  if (text === undefined) throw new AlpharhoError('config_invalid', `${path} is longer than ${maxBytes} bytes: not a settings file`);
  return text;
}
