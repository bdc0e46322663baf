/** @file `alpharho migrate`: brings the database up to date without starting anything. */
import { Command } from 'commander';
import { loadConfig } from '../server/config.ts';
import { prepareDataFolder } from '../server/data-folder.ts';

export function migrateCommand(): Command {
  return new Command('migrate')
    .description('create the database or bring it up to date (the hub does so when it starts)')
    .action(async () => {
      const { applied } = await prepareDataFolder(loadConfig());
      console.log(applied.length === 0 ? 'The database is up to date.' : `Applied ${applied.join(', ')}.`);
    });
}
