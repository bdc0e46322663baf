/** @file `alpharho devices`: what operators say of devices, from the command line. */
import { Command } from 'commander';
import { type Config, loadConfig } from '../server/config.ts';
import { prepareDataFolder, withDatabase } from '../server/data-folder.ts';
import { tagDevices } from '../server/services/tag-devices.ts';

export function devicesCommand(): Command {
  const tag = new Command('tag')
    .description('put tags on devices, or take them off; rollouts find their targets by them')
    .argument('<device...>')
    .option('--set <tags...>', 'tags: a word, or key=value, like site=quay', [])
    .option('--remove <keys...>', 'tags that go', [])
    .action((devices: string[], options: { set: string[]; remove: string[] }) => tagAll(loadConfig(), devices, options));
  return new Command('devices').description('manage the devices that the hub knows').addCommand(tag);
}

async function tagAll(config: Config, deviceIds: string[], { set, remove }: { set: string[]; remove: string[] }): Promise<void> {
  await prepareDataFolder(config);
  await withDatabase(config, (db) => tagDevices(db, { deviceIds, set: Object.fromEntries(set.map(split)), remove }));
  console.log(`${deviceIds.length === 1 ? '1 device' : `${deviceIds.length} devices`} tagged.`);
}

function split(text: string): [string, string] {
  const at = text.indexOf('=');
  return at < 0 ? [text, ''] : [text.slice(0, at), text.slice(at + 1)];
}
