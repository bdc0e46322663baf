/** @file The command `alpharho`. */
import { errorCodes, isAlpharhoError } from '@alpharho/protocol';
import { Command } from 'commander';
import { devicesCommand } from './devices.ts';
import { enrollTokenCommand } from './enroll-token.ts';
import { hubCommand } from './hub.ts';
import { keysCommand } from './keys.ts';
import { migrateCommand } from './migrate.ts';
import { rolloutCommand } from './rollout/rollout.ts';
import { startCommand } from './start.ts';
import { variantsCommand } from './variants.ts';

const program = new Command('alpharho')
  .description('Runs the hub of a fleet of MobileNet devices, and manages its variants, devices and rollouts')
  .addHelpText(
    'after',
    '\nSettings come from the environment: ALPHARHO_DATA_DIR, ALPHARHO_HOST, ALPHARHO_MQTT_PORT, ALPHARHO_HTTP_PORT,\nALPHARHO_WEB_PORT, ALPHARHO_PUBLIC_URL, ALPHARHO_RESULTS_DAYS.',
  )
  .addCommand(startCommand())
  .addCommand(hubCommand())
  .addCommand(variantsCommand())
  .addCommand(keysCommand())
  .addCommand(devicesCommand())
  .addCommand(rolloutCommand())
  .addCommand(enrollTokenCommand())
  .addCommand(migrateCommand());

try {
  await program.parseAsync();
} catch (error) {
  const message = error instanceof Error ? error.message : String(error);
  const words = isAlpharhoError(error) ? `${message} [${error.code}] ${errorCodes[error.code]}` : `internal error: ${message}`;
  console.error(`alpharho: ${words}`);
  process.exitCode = 1;
}
