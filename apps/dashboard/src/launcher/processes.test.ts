import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { expect, it } from 'vitest';
import { agentMemory } from './processes.ts';

it('starts an agent with what its own script starts it with', async () => {
  const script = createRequire(import.meta.url).resolve('alpharho-agent/bin/alpharho-agent.js');
  const [first] = (await readFile(script, 'utf8')).split('\n');
  const env = Object.entries(agentMemory.env).map(([name, value]) => `${name}=${value}`);
  expect(first).toBe(['#!/usr/bin/env -S', ...env, 'node', ...agentMemory.nodeArgs].join(' '));
});
