/** @file The command `alpharho`. */
import { isAlpharhoError } from '@alpharho/protocol';
import { Command } from 'commander';
import { devicesCommand } from './devices.ts';
import { enrollTokenCommand } from './enroll-token.ts';
import { hubCommand } from './hub.ts';
import { keysCommand } from './keys.ts';
import { migrateCommand } from './migrate.ts';
import { startCommand } from './start.ts';
import { variantsCommand } from './variants.ts';

const program = new Command('alpharho')
  .description('Runs the hub of a fleet of MobileNet devices, and manages its variants')
  .addHelpText(
    'after',
    '\nSettings come from the environment: ALPHARHO_DATA_DIR, ALPHARHO_HOST, ALPHARHO_MQTT_PORT, ALPHARHO_HTTP_PORT,\nALPHARHO_WEB_PORT, ALPHARHO_PUBLIC_URL, ALPHARHO_RESULTS_DAYS.',
  )
  .addCommand(startCommand())
  .addCommand(hubCommand())
  .addCommand(variantsCommand())
  .addCommand(keysCommand())
  .addCommand(devicesCommand())
  .addCommand(enrollTokenCommand())
  .addCommand(migrateCommand());

try {
  await program.parseAsync();
} catch (error) {
  const message = error instanceof Error ? error.message : String(error);
  console.error(`alpharho: ${isAlpharhoError(error) ? message : `internal error: ${message}`}`);
  process.exitCode = 1;
}
