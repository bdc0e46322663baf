/** @file Writes the tables of settings into the README. Build first. */
import { readFile, writeFile } from 'node:fs/promises';
import { settingsMarkdown } from '../dist/settings/readme-tables.js';

const file = new URL('../README.md', import.meta.url);
const readme = await readFile(file, 'utf8');
await writeFile(
  file,
  readme.replace(/(<!-- settings -->\n\n)[\s\S]*(\n\n<!-- \/settings -->)/, (_all, before, after) => before + settingsMarkdown() + after),
);
