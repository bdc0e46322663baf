/** @file The Dockerfiles: taken by Docker's own grammar, clean by ShellCheck, and as small and unprivileged as they are meant to be. */
import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { validate } from 'dockerfile-utils';
import { describe, expect, it } from 'vitest';

const folder = fileURLToPath(new URL('../docker', import.meta.url));
const hasShellcheck = spawnSync('shellcheck', ['--version']).status === 0;

/** Instructions with their arguments on one line; comments are left out. */
function instructions(text) {
  const joined = text.replaceAll(/^#.*\n/gm, '').replaceAll(/\\\n/g, ' ');
  return joined.split('\n').flatMap((line) => {
    const [, name, rest] = /^([A-Z]+)\s+(.*)$/.exec(line.trim()) ?? [];
    return name === undefined ? [] : [{ name, rest: rest.replaceAll(/\s+/g, ' ') }];
  });
}

const files = readdirSync(folder).filter((name) => name.endsWith('Dockerfile'));

describe.each(files)('%s', (name) => {
  const text = readFileSync(join(folder, name), 'utf8');
  const all = instructions(text);
  const last = all.slice(all.findLastIndex((each) => each.name === 'FROM'));

  it('is what Docker takes', () => {
    expect(validate(text).map(({ message, range }) => `${range.start.line + 1}: ${message}`)).toEqual([]);
  });

  it.skipIf(!hasShellcheck)('runs clean shell lines', () => {
    for (const { rest } of all.filter((each) => each.name === 'RUN')) {
      expect(spawnSync('shellcheck', ['-s', 'sh', '-'], { input: rest, encoding: 'utf8' }).stdout, rest).toBe('');
    }
  });

  it('is based on images whose version is whole', () => {
    for (const { rest } of all.filter((each) => each.name === 'FROM'))
      expect(rest).toMatch(/^(--platform=\S+ )?\S+:\d+\.\d+\.\d+\S*( AS \w+)?$/);
  });

  it('ends without compiler, without root, and says how it is', () => {
    expect(last.find((each) => each.name === 'USER')?.rest).toMatch(/^(?!root|0)/);
    expect(last.some((each) => each.name === 'HEALTHCHECK')).toBe(true);
    expect(last.map(({ rest }) => rest).join('\n')).not.toMatch(/\b(g\+\+|gcc|make|build-essential|clang|python3)\b/);
    expect(last[0]?.rest).toMatch(/-slim$/);
  });
});
