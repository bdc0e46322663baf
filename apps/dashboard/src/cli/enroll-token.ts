/** @file `alpharho enroll-token`: what lets one board in, from the command line. */
import { networkInterfaces } from 'node:os';
import { AlpharhoError, deviceIdSchema } from '@alpharho/protocol';
import { Command } from 'commander';
import { boardAddress, enrolCommand } from '../server/board-address.ts';
import { type Config, loadConfig } from '../server/config.ts';
import { prepareDataFolder, withDatabase } from '../server/data-folder.ts';
import { longestTokenMs, makeEnrolmentToken, shortestTokenMs } from '../server/services/enrolment-tokens.ts';

export function enrollTokenCommand(): Command {
  return new Command('enroll-token')
    .description('make a token that lets one board in, once, and print what to type on the board')
    .option('--for <name>', 'the name that the device is to have (default: what the board asks for, or its host name)')
    .option('--ttl <time>', 'how long the token works: 1m to 24h', '1h')
    .action((options: { for?: string; ttl: string }) => printToken(loadConfig(), options));
}

async function printToken(config: Config, options: { for?: string; ttl: string }): Promise<void> {
  const ttlMs = readTtl(options.ttl);
  const name = options.for === undefined ? undefined : readName(options.for);
  await prepareDataFolder(config);
  const known = name === undefined ? 0 : await withDatabase(config, (db) => db.device.count({ where: { id: name } }));
  const { token, expiresAt } = await withDatabase(config, (db) => makeEnrolmentToken(db, { name, ttlMs }, new Date()));
  const { url, local } = boardAddress(config, networkInterfaces());
  console.log(enrolCommand(url, token));
  // Beside the command, so that it alone can be piped on.
  console.error(`Works once, until ${expiresAt.toISOString()}. It is not shown again.`);
  if (known > 0) console.error(`${name} is known already: the board takes its place.`);
  if (local) console.error('The hub listens on this machine only: for boards elsewhere, set ALPHARHO_HOST and start it again.');
}

const units: Record<string, number> = { m: 60_000, h: 3_600_000 };

/** @throws AlpharhoError config_invalid */
function readTtl(text: string): number {
  const [, amount, unit = ''] = /^(\d{1,4})([mh])$/.exec(text) ?? [];
  const ms = Number(amount) * (units[unit] ?? Number.NaN);
  if (ms >= shortestTokenMs && ms <= longestTokenMs) return ms;
  throw new AlpharhoError('config_invalid', `--ttl is ${JSON.stringify(text)}: a time from 1m to 24h is expected, like 30m or 2h`);
}

function readName(text: string): string {
  const parsed = deviceIdSchema.safeParse(text);
  if (parsed.success) return parsed.data;
  throw new AlpharhoError('config_invalid', `--for is ${JSON.stringify(text)}: ${parsed.error.issues[0]?.message}`);
}
