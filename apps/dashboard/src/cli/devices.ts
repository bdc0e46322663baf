/** @file `alpharho devices`: which devices there are, and what operators say of them. */
import { AlpharhoError, isResting, type UpdatePhase } from '@alpharho/protocol';
import { Command } from 'commander';
import { type ListedDevice, listDevices, readDevice } from '../server/services/list-devices.ts';
import { tagDevices } from '../server/services/tag-devices.ts';
import { inDatabase } from './in-database.ts';
import { card, or, table } from './table.ts';

export function devicesCommand(): Command {
  const list = new Command('list')
    .description('list the devices; with a query, those that a rollout would find by it')
    .argument('[query]', 'like: site=quay,orchard class="Raspberry Pi 4" tag=outdoor -id=cam-9')
    .option('--json', 'print JSON')
    .action((query: string | undefined, { json }: { json?: true }) => printList(query, json === true));
  const show = new Command('show')
    .description('show what is known of a device')
    .argument('<device>')
    .option('--json', 'print JSON')
    .action((id: string, { json }: { json?: true }) =>
      inDatabase(async (db) => {
        const device = await readDevice(db, id);
        console.log(json ? JSON.stringify(device, null, 2) : deviceCard(device));
      }),
    );
  const tag = new Command('tag')
    .description('put tags on devices; rollouts find their targets by them')
    .argument('<device...>')
    .requiredOption('--set <tags...>', 'a word, or key=value, like site=quay')
    .action((deviceIds: string[], { set }: { set: string[] }) =>
      change({ deviceIds, set: Object.fromEntries(set.map(split)), remove: [] }, 'tagged'),
    );
  const untag = new Command('untag')
    .description('take tags off devices')
    .argument('<device...>')
    .requiredOption('--remove <keys...>', 'a word, or the key of a tag with a value, like site')
    .action((deviceIds: string[], { remove }: { remove: string[] }) => change({ deviceIds, set: {}, remove }, 'untagged'));
  const command = new Command('devices').description('manage the devices that the hub knows');
  for (const each of [list, show, tag, untag]) command.addCommand(each);
  return command;
}

async function change(tags: Parameters<typeof tagDevices>[1], done: string): Promise<void> {
  const { length } = tags.deviceIds;
  if (length > mostTagged) throw new AlpharhoError('config_invalid', `${length} devices: at most ${mostTagged} at a time`);
  await inDatabase((db) => tagDevices(db, tags));
  console.log(`${length === 1 ? '1 device' : `${length} devices`} ${done}.`);
}

const mostTagged = 2_000;

function split(text: string): [string, string] {
  const at = text.indexOf('=');
  return at < 0 ? [text, ''] : [text.slice(0, at), text.slice(at + 1)];
}

async function printList(query: string | undefined, json: boolean): Promise<void> {
  await inDatabase(async (db) => {
    const devices = await listDevices(db, query);
    if (json) console.log(JSON.stringify(devices, null, 2));
    else if (devices.length > 0) console.log(table(header, devices.map(cells)));
    else if (query === undefined) console.log('No devices yet; "alpharho enroll-token" lets one in.');
    else console.log('No device matches.');
  });
}

const header = ['device', 'presence', 'class', 'tags', 'serves', 'update', 'frames/s', 'p95 ms', 'rollout'];

function cells(device: ListedDevice): string[] {
  const { id, online, hardwareClass, serving, fps, p95, rollout } = device;
  return [
    id,
    online ? 'online' : 'offline',
    or(hardwareClass),
    or(tagsOf(device)),
    or(serving?.name),
    updateOf(device),
    or(fps?.toFixed(1)),
    or(p95?.toFixed(1)),
    or(rollout?.name),
  ];
}

function tagsOf({ tags }: ListedDevice): string {
  return Object.entries(tags)
    .map(([key, value]) => (value === '' ? key : `${key}=${value}`))
    .join(' ');
}

function updateOf({ phase, held, outcome, error }: ListedDevice): string {
  if (held) return 'held';
  return isResting(phase as UpdatePhase) && outcome !== null && outcome !== 'ok'
    ? `${outcome}${error === null ? '' : ` (${error.code})`}`
    : phase;
}

function deviceCard(device: ListedDevice): string {
  const { id, online, lastSeenAt, hardwareClass, boardModel, agentVersion, serving, desired, error, fps, p95, rollout } = device;
  const variant = (named: ListedDevice['serving']) => named && `${named.name}  ${named.id.slice(0, 12)}`;
  const seen = lastSeenAt === null ? '' : `, last heard ${new Date(lastSeenAt).toISOString()}`;
  return card([
    ['device', id],
    ['presence', `${online ? 'online' : 'offline'}${seen}`],
    ['class', hardwareClass],
    ['board', boardModel],
    ['agent', agentVersion],
    ['tags', tagsOf(device)],
    ['serves', variant(serving)],
    ['is to serve', variant(desired)],
    ['update', updateOf(device)],
    ['last error', error && `${error.code}: ${error.message}`],
    ['frames/s', fps?.toFixed(1)],
    ['p95 ms', p95?.toFixed(1)],
    ['rollout', rollout && `${rollout.name}  ${rollout.id.slice(0, 8)}`],
  ]);
}
