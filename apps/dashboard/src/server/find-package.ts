/** @file Where a package of this repository lies, also for code that a bundler has moved. */
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { AlpharhoError } from '@alpharho/protocol';

/** @returns the folder of the package.json of that name, above this module or above the working directory. @throws AlpharhoError internal */
export function findPackage(name: string): string {
  const found = findAbove(import.meta.dirname, name) ?? findAbove(process.cwd(), name);
  if (found !== undefined) return found;
  throw new AlpharhoError('internal', `the package ${name} is not above ${process.cwd()}; start this from its folder`);
}

/** @returns undefined where there is none. */
export function findAbove(from: string | undefined, name: string): string | undefined {
  for (let folder = from; folder !== undefined; folder = parentOf(folder)) {
    const manifest = join(folder, 'package.json');
    if (existsSync(manifest) && JSON.parse(readFileSync(manifest, 'utf8')).name === name) return folder;
  }
  return undefined;
}

function parentOf(folder: string): string | undefined {
  const parent = dirname(folder);
  return parent === folder ? undefined : parent;
}
