/** @file npm run soak -w alpharho-agent -- --minutes 10 --seed 1 [--swaps 100]: the soak of test/soak.test.ts, as long as is wanted. */
import { spawnSync } from 'node:child_process';
import { parseArgs } from 'node:util';

const { values } = parseArgs({ options: { minutes: { type: 'string' }, seed: { type: 'string' }, swaps: { type: 'string' } } });
for (const [name, value] of Object.entries(values)) {
  if (!(Number(value) > 0)) {
    process.stderr.write(`--${name} ${value}: expected a number above 0\n`);
    process.exit(2);
  }
}
const { minutes, seed, swaps } = values;
const env = {
  ...process.env,
  ...(minutes !== undefined && { ALPHARHO_SOAK_MINUTES: minutes }),
  ...(seed !== undefined && { ALPHARHO_SOAK_SEED: seed }),
  ...(swaps !== undefined && { ALPHARHO_SOAK_SWAPS: swaps }),
};
// Swaps are a run of their own, so that neither disturbs the other's figures.
const only = swaps === undefined ? 'soak' : 'swaps';
const args = ['vitest', 'run', 'test/soak.test.ts', '--reporter=verbose', '-t', only];
process.exit(spawnSync('npx', args, { stdio: 'inherit', env }).status ?? 1);
