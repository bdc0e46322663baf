import { readFile } from 'node:fs/promises';
import { expect, it } from 'vitest';
import { rolloutMachineDocument } from '../src/markdown/rollout-machine.ts';

it('docs/protocol/rollout-machine.md says what the tables say', async () => {
  const onDisk = await readFile(new URL('../../../docs/protocol/rollout-machine.md', import.meta.url), 'utf8');
  expect(onDisk, 'the document is out of date; run: npm run rollout-machine -w @alpharho/protocol').toBe(rolloutMachineDocument());
});
