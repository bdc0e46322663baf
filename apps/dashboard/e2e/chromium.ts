/** @file Which browser the tests drive: Chromium from the environment, the usual paths, or Debian's package. Nothing is downloaded. */
import { existsSync } from 'node:fs';

const usualPaths = [
  '/usr/bin/chromium',
  '/usr/bin/chromium-browser',
  '/usr/bin/google-chrome',
  '/usr/bin/google-chrome-stable',
  '/snap/bin/chromium',
];

/** @throws Error that says how to get one. */
export function findChromium(env: Readonly<Record<string, string | undefined>> = process.env): string {
  for (const name of ['CHROMIUM_PATH', 'PLAYWRIGHT_CHROMIUM_PATH']) {
    const given = env[name];
    if (given === undefined || given === '') continue;
    if (existsSync(given)) return given;
    throw new Error(`${name} is ${given}, which does not exist.`);
  }
  const found = usualPaths.find((path) => existsSync(path));
  if (found === undefined) {
    throw new Error(`No Chromium at ${usualPaths.join(', ')}. On Debian: apt-get install chromium. Elsewhere: set CHROMIUM_PATH.`);
  }
  return found;
}
