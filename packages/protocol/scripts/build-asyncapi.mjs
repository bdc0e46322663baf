/** @file Writes docs/protocol/asyncapi.json from the built package. A test compares the two. */
import { writeFile } from 'node:fs/promises';
import { asyncApiDocument } from '../dist/asyncapi/document.js';

const target = new URL('../../../docs/protocol/asyncapi.json', import.meta.url);
await writeFile(target, `${JSON.stringify(asyncApiDocument(), null, 2)}\n`);
console.log('wrote docs/protocol/asyncapi.json');
