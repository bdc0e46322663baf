import { readFile } from 'node:fs/promises';
import { expect, it } from 'vitest';
import { settingsMarkdown } from './readme-tables.ts';

it("the README's tables are those of the settings (npm run settings-table -w alpharho-agent writes them)", async () => {
  const readme = await readFile(new URL('../../README.md', import.meta.url), 'utf8');
  expect(readme).toContain(`<!-- settings -->\n\n${settingsMarkdown()}\n\n<!-- /settings -->`);
});
