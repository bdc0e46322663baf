/** @file The process that checks one file: whatever a hostile file does, it does to this process. */
import { readFile, writeFile } from 'node:fs/promises';
import { isAlpharhoError } from '@alpharho/protocol';
import { bringIn } from './bring-in.ts';
import type { CheckReply, CheckRequest } from './check-messages.ts';

process.once('message', (request: CheckRequest) => {
  void check(request)
    .catch((error: unknown): CheckReply => {
      const code = isAlpharhoError(error) ? error.code : 'internal';
      return { ok: false, code, message: String(error instanceof Error ? error.message : error).slice(0, 2000) };
    })
    .then((reply) => process.send?.(reply, () => process.disconnect()));
});

async function check({ path, output, options }: CheckRequest): Promise<CheckReply> {
  const { kind, file, facts, notes } = await bringIn(await readFile(path), options);
  if (file !== undefined) await writeFile(output, file, { flag: 'wx', mode: 0o600 });
  return {
    ok: true,
    kind,
    written: file !== undefined,
    facts: { ...facts, labels: [...facts.labels], rhos: [...facts.rhos] },
    notes: notes.slice(0, 20).map((note) => note.slice(0, 1000)),
  };
}
