import { mkdir, mkdtemp, readFile, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { Child, type ChildSpec } from './child.ts';

/** A child of this script, and promises for the sentences it causes. */
async function childOf(
  source: string,
  given: Partial<ChildSpec> = {},
): Promise<{ child: Child; logFile: string; sentences: string[]; nextSentence: () => Promise<string> }> {
  const folder = await mkdtemp(join(tmpdir(), 'alpharho-'));
  const script = join(folder, 'child.mjs');
  await writeFile(script, source);
  const logFile = join(folder, 'child.log');
  const sentences: string[] = [];
  let told: (() => void) | undefined;
  const onTrouble = (what: string, next: string) => {
    sentences.push(`${what} ${next}`);
    told?.();
  };
  const child = new Child({ name: 'hub', script, args: [], logFile, onTrouble, ...given });
  const nextSentence = async () => {
    if (sentences.length === 0) await new Promise<void>((resolve) => (told = resolve));
    return sentences.shift() ?? '';
  };
  return { child, logFile, sentences, nextSentence };
}

async function fileHolds(file: string, text: string): Promise<void> {
  await expect.poll(() => readFile(file, 'utf8').catch(() => '')).toContain(text);
}

describe('Child', () => {
  it('says with which words a process ended, and starts it again', async () => {
    const { child, logFile, nextSentence } = await childOf('console.log("born"); console.error("no database"); process.exitCode = 3;');
    child.start();
    expect(await nextSentence()).toBe(`hub ended (code 3). Its last words: "no database". Starting it again in 1 s; its log is ${logFile}`);
    expect(await nextSentence()).toContain('Starting it again in 2 s');
    await child.stop(1_000);
    expect((await readFile(logFile, 'utf8')).match(/born/g)).toHaveLength(2);
  });

  it('starts a process in its own surroundings, with what is for Node apart from what is for the script', async () => {
    const source = 'console.log(process.execArgv.join(), process.argv.slice(2).join(), process.env.PLACE); setInterval(() => {}, 1000);';
    const { child, logFile } = await childOf(source, { nodeArgs: ['--no-deprecation'], args: ['run'], env: { PLACE: 'here' } });
    child.start();
    await fileHolds(logFile, '--no-deprecation run here');
    await child.stop(1_000);
  });

  it('lets a process end in its own way, and says nothing of it', async () => {
    const { child, logFile, sentences } = await childOf(
      'process.on("SIGTERM", () => { console.log("goodbye"); process.exit(0); }); setInterval(() => {}, 1000); console.log("ready");',
    );
    child.start();
    await fileHolds(logFile, 'ready');
    await child.stop(5_000);
    await fileHolds(logFile, 'goodbye');
    expect(sentences).toEqual([]);
  });

  it('goes on without its log where that cannot be written', async () => {
    const { child, logFile, nextSentence } = await childOf('console.log("born"); setTimeout(() => process.exit(3), 100);');
    await mkdir(logFile);
    child.start();
    const sentences = [await nextSentence(), await nextSentence()];
    expect(sentences).toContain(`The log of hub, ${logFile}, cannot be written (EISDIR). It goes on without.`);
    await child.stop(1_000);
  });

  it('ends a process by force that does not end when asked', async () => {
    const { child, logFile } = await childOf('process.on("SIGTERM", () => {}); setInterval(() => {}, 1000); console.log("ready");');
    child.start();
    await fileHolds(logFile, 'ready');
    const before = performance.now();
    await child.stop(200);
    expect(performance.now() - before).toBeLessThan(5_000);
  });
});
