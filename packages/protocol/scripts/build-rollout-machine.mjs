/** @file Writes docs/protocol/rollout-machine.md from the built package. A test compares the two. */
import { writeFile } from 'node:fs/promises';
import { rolloutMachineDocument } from '../dist/markdown/rollout-machine.js';

await writeFile(new URL('../../../docs/protocol/rollout-machine.md', import.meta.url), rolloutMachineDocument());
console.log('wrote docs/protocol/rollout-machine.md');
