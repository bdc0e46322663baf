/** @file Writes docs/api/openapi.json from the built sources. A test compares the two. */
import { mkdir, writeFile } from 'node:fs/promises';
import { openApiDocument } from '../dist/server/api/openapi.js';

const target = new URL('../../../docs/api/openapi.json', import.meta.url);
await mkdir(new URL('.', target), { recursive: true });
await writeFile(target, `${JSON.stringify(openApiDocument(), null, 2)}\n`);
console.log('wrote docs/api/openapi.json');
