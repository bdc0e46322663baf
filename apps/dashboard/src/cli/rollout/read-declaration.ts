/** @file A rollout that is declared in a file, YAML or JSON. */
import { readFile, stat } from 'node:fs/promises';
import { AlpharhoError, isAlpharhoError, maxRolloutSpecBytes, parseRolloutSpec, type RolloutSpec } from '@alpharho/protocol';
import { parseDocument } from 'yaml';

/** @throws AlpharhoError config_invalid (it cannot be read) | rollout_invalid, with the file and the place in it */
export async function readDeclaration(path: string): Promise<RolloutSpec> {
  const text = await readLimited(path);
  // JSON is YAML. An alias is written where it is meant; without them a small file stays small.
  const document = parseDocument(text, { prettyErrors: true, logLevel: 'silent' });
  const [error] = document.errors;
  if (error !== undefined) throw new AlpharhoError('rollout_invalid', `${path}: ${error.message.split('\n')[0]?.replace(/:$/, '')}`);
  try {
    return parseRolloutSpec(document.toJS({ maxAliasCount: 0 }));
  } catch (error) {
    const message = isAlpharhoError(error) ? error.message : 'names anchors with "*"; write the values themselves';
    throw new AlpharhoError('rollout_invalid', `${path}: ${message}`, { cause: error });
  }
}

async function readLimited(path: string): Promise<string> {
  try {
    const { size } = await stat(path);
    if (size <= maxRolloutSpecBytes) return await readFile(path, 'utf8');
  } catch (cause) {
    throw new AlpharhoError('config_invalid', `${path} cannot be read (${(cause as NodeJS.ErrnoException).code})`, { cause });
  }
  throw new AlpharhoError('rollout_invalid', `${path}: has more than ${maxRolloutSpecBytes / 1024} KiB, the most that is taken`);
}
