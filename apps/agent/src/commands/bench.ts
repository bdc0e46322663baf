/** @file `alpharho-agent bench`: how fast the variants of this board are on this board. */
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { run } from '@alpharho/mobilenet-core/command';
import { AlpharhoError } from '@alpharho/protocol';
import { dataFolder } from '../config.ts';
import type { GivenSettings } from '../settings/given.ts';
import { warn } from './print.ts';

export type BenchOptions = { readonly json: boolean; readonly cold: boolean; readonly frames: string };

/** The same measurement as `mobilenet bench`. @throws AlpharhoError model_missing where there is nothing to measure */
export async function bench({ resolved, warnings }: GivenSettings, { json, cold, frames }: BenchOptions): Promise<number> {
  warn(warnings);
  const { values, origins } = resolved;
  const files =
    values.model !== undefined && origins.model.from === 'flag' ? [values.model] : await storedModels(dataFolder(values), values.model);
  return run(['bench', ...files, '--frames', frames, ...(cold ? [] : ['--no-cold']), ...(json ? ['--json'] : [])]);
}

/** What the hub desired and the one before, and the file that the settings name. */
async function storedModels(dataDir: string, named: string | undefined): Promise<string[]> {
  const folder = join(dataDir, 'models');
  const names = await readdir(folder).catch((): string[] => []);
  const files = names.filter((name) => name.endsWith('.onnx')).map((name) => join(folder, name));
  if (named !== undefined) files.push(named);
  if (files.length === 0) throw new AlpharhoError('model_missing', `${folder} holds no variant yet; name one: --model FILE.onnx`);
  return files;
}
