/** @file `alpharho keys`: whose signatures count, from the command line. */
import { AlpharhoError, type KeyRole, keyIdSchema, keyRoles, publicKeySchema } from '@alpharho/protocol';
import { Command, Option } from 'commander';
import { withAlpharhoErrors } from '../server/errors.ts';
import { generateKey, type PrivateKey, readPrivatePem, writePrivatePem } from '../server/keys/ed25519.ts';
import { writePrivateFile } from '../server/keys/key-files.ts';
import { latestKeySet } from '../server/keys/key-set.ts';
import type { Registry } from '../server/registry.ts';
import { importPublicKey, type ListedKey, listKeys, newKey, retireKey } from '../server/services/keys.ts';
import { inRegistry, readText } from './in-registry.ts';
import { table } from './table.ts';

const keyOption = () => new Option('--key <file>', 'private release key that lies elsewhere, PEM; it vouches for the change');

export function keysCommand(): Command {
  const list = new Command('list')
    .description('list the keys: what each signs, whether its private part is here')
    .option('--json', 'print JSON')
    .action((options: { json?: true }) => inRegistry((registry) => printKeys(registry, options.json === true)));
  const create = new Command('new')
    .description('make a key and tell the devices; with --out, make it for another registry or for offline use: nothing else changes')
    .addOption(
      new Option('--role <role>', 'release signs variants and key sets, desired what devices are to be')
        .choices(keyRoles)
        .makeOptionMandatory(),
    )
    .option('--out <file>', 'write the private key to this file alone, and print its public part for "keys import-public"')
    .addOption(keyOption().conflicts('out'))
    .action((options: { role: KeyRole; out?: string; key?: string }) => makeKey(options));
  const retire = new Command('retire')
    .description('end the trust in a key: what it signed is signed anew, and devices are told')
    .argument('<id>')
    .addOption(keyOption())
    .action((id: string, options: { key?: string }) => inRegistry((registry) => retireOne(registry, id, options.key)));
  const exportKey = new Command('export')
    .description('print the signed set of keys (for "alpharho-agent run --trust FILE"), or move a private key away')
    .argument('[id]', 'the key whose private part is to be written to --out')
    .option('--out <file>', 'where to write; the set is printed without it')
    .option('--remove', 'delete the private part from the data folder once it is written')
    .action((id: string | undefined, options: { out?: string; remove?: true }) =>
      inRegistry((registry) => exportOne(registry, id, options)),
    );
  const importPublic = new Command('import-public')
    .description('trust a release key whose private part stays elsewhere')
    .argument('<key>', 'its public part as "keys new --out" prints it, or a file that holds it')
    .addOption(keyOption())
    .action((key: string, options: { key?: string }) => inRegistry((registry) => importOne(registry, key, options.key)));
  const command = new Command('keys').description('manage the keys that sign variants and what devices are to be');
  for (const each of [list, create, retire, exportKey, importPublic]) command.addCommand(each);
  return command;
}

/** @throws AlpharhoError config_invalid */
export async function readKeyFile(path: string): Promise<PrivateKey> {
  return readPrivatePem(await readText(path), path);
}

async function printKeys({ db, keys }: Registry, json: boolean): Promise<void> {
  const listed = await listKeys(db, keys);
  if (json) console.log(JSON.stringify(listed, null, 2));
  else console.log(table(['key', 'role', 'made', 'state', 'private part', 'signs'], listed.map(cells)));
  const absent = listed.filter(({ retiredAt, here }) => retiredAt === null && !here).map(({ role }) => role);
  const without = keyRoles.filter(
    (role) => absent.includes(role) && !listed.some((key) => key.role === role && key.retiredAt === null && key.here),
  );
  for (const role of without) console.error(`Nothing new can be signed here with a ${role} key: no private part is in ${keys.folder}.`);
}

function cells({ id, role, createdAt, retiredAt, here, variants }: ListedKey): string[] {
  const state = retiredAt === null ? 'counts' : `retired ${retiredAt.toISOString().slice(0, 10)}`;
  const signs = role === 'release' ? `${variants} ${variants === 1 ? 'variant' : 'variants'}` : 'desired states';
  return [id, role, createdAt.toISOString().slice(0, 10), state, here ? 'here' : 'elsewhere', signs];
}

async function makeKey({ role, out, key }: { role: KeyRole; out?: string; key?: string }): Promise<void> {
  if (out === undefined) {
    await inRegistry(async ({ db, keys }) => {
      const made = await newKey(db, keys, { role, vouching: await vouching(key) }, new Date());
      console.log(`${made.id}  ${role}  ${keys.fileOf(made.id)}`);
    });
    return;
  }
  const made = generateKey();
  await withAlpharhoErrors(() => writePrivateFile(out, writePrivatePem(made)));
  console.log(made.publicKey);
  console.error(`Key ${made.id}: its private part is in ${out}, readable by you alone. The line above is its public part.`);
}

async function retireOne({ db, keys }: Registry, id: string, key: string | undefined): Promise<void> {
  const { signedAnew } = await retireKey(db, keys, { id, vouching: await vouching(key) }, new Date());
  console.log(`${id} does not count any more; ${signedAnew} ${signedAnew === 1 ? 'variant was' : 'variants were'} signed anew.`);
}

async function exportOne({ db, keys }: Registry, id: string | undefined, { out, remove }: { out?: string; remove?: true }): Promise<void> {
  if (id === undefined) {
    if (remove) throw new AlpharhoError('config_invalid', '--remove is for the private part of one key: name it');
    const text = `${JSON.stringify((await latestKeySet(db))?.document)}\n`;
    if (out === undefined) process.stdout.write(text);
    else await writePrivateFile(out, text);
    return;
  }
  if (out === undefined)
    throw new AlpharhoError('config_invalid', `say where the private part of key ${id} is to be written, with --out FILE`);
  const parsed = keyIdSchema.safeParse(id);
  const key = parsed.success ? await keys.read(parsed.data) : undefined;
  if (key === undefined) throw new AlpharhoError('key_missing', `the private part of key ${id.slice(0, 40)} is not in ${keys.folder}`);
  await writePrivateFile(out, writePrivatePem(key));
  if (remove) await keys.remove(key.id);
  console.log(`${key.id}: ${out}${remove ? ', and not in the data folder any more' : ''}`);
}

async function importOne({ db, keys }: Registry, given: string, key: string | undefined): Promise<void> {
  const direct = publicKeySchema.safeParse(given);
  const publicKey = direct.success ? direct : publicKeySchema.safeParse((await readText(given)).trim());
  if (!publicKey.success) throw new AlpharhoError('config_invalid', `${given} holds no public key: ${publicKey.error.issues[0]?.message}`);
  const row = await importPublicKey(db, keys, { publicKey: publicKey.data, vouching: await vouching(key) }, new Date());
  console.log(`${row.id}  release  its private part stays elsewhere`);
}

async function vouching(path: string | undefined): Promise<PrivateKey[]> {
  return path === undefined ? [] : [await readKeyFile(path)];
}
