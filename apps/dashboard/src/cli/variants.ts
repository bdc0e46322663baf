/** @file `alpharho variants`: the registry of model files, from the command line. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { AlpharhoError, isAlpharhoError, variantLabel } from '@alpharho/protocol';
import { Command } from 'commander';
import { type Config, loadConfig, uploadsFolder } from '../server/config.ts';
import { withAlpharhoErrors } from '../server/errors.ts';
import { readManifest, signManifest } from '../server/keys/manifest.ts';
import { Checker } from '../server/registry/checker.ts';
import type { Registry } from '../server/registry.ts';
import { type ListedVariant, listVariants } from '../server/services/list-variants.ts';
import { deleteVariant, findVariant, offerVariant, retireVariant } from '../server/services/retire-variant.ts';
import { uploadVariant } from '../server/services/upload-variant.ts';
import { toWireVariant } from '../server/wire-variant.ts';
import { inRegistry, readText } from './in-registry.ts';
import { readKeyFile } from './keys.ts';
import { type PullFlags, pullCommand, pullInto } from './pull.ts';
import { table } from './table.ts';
import { type UploadFlags, uploadFlags, uploadOptions } from './upload-flags.ts';
import { variantCard } from './variant-card.ts';

export function variantsCommand(): Command {
  const add = uploadFlags(new Command('add'))
    .description(
      'add model files, so that devices can be given them: variants, TFLite classifiers, ONNX classifiers. Each is checked in a process of its own',
    )
    .argument('<file...>')
    .option('--manifest <file>', 'the signed manifest that "variants sign" made of this file elsewhere')
    .action((files: string[], flags: UploadFlags & { manifest?: string }) => addFiles(loadConfig(), files, flags));
  const list = new Command('list')
    .description('list the variants that the registry knows')
    .option('--all', 'retired ones, too')
    .option('--json', 'print JSON')
    .action((options: { all?: true; json?: true }) => printList(options));
  const show = new Command('show')
    .description('show all that is known of a variant: facts, signature, what the fleet measured, who serves it')
    .argument('<id>', 'the first digits of its SHA-256')
    .option('--json', 'print JSON')
    .action((id: string, options: { json?: true }) =>
      inRegistry(async (registry) => console.log(await variantCard(registry, id, options.json === true, new Date()))),
    );
  const sign = new Command('sign')
    .description('sign a variant file where the private key lies; needs no registry. "variants add FILE --manifest" takes the result')
    .argument('<file>')
    .requiredOption('--key <file>', 'private release key, PEM')
    .option('-o, --output <file>', 'where to write the manifest (default: standard output)')
    .action((file: string, options: { key: string; output?: string }) => signFile(file, options));
  const change = (name: string, what: string, act: (registry: Registry, id: string) => Promise<string>) =>
    new Command(name)
      .description(what)
      .argument('<id>', 'the first digits of its SHA-256')
      .action((id: string) => inRegistry(async (registry) => console.log(await act(registry, (await findVariant(registry, id)).id))));
  const retire = change(
    'retire',
    'offer a variant no longer; devices that serve it go on',
    async (registry, id) => `${short(id)}  ${label(await retireVariant(registry, id, new Date()))}  retired`,
  );
  const offer = change(
    'offer',
    'offer a retired variant again',
    async (registry, id) => `${short(id)}  ${label(await offerVariant(registry, id, new Date()))}  offered`,
  );
  const remove = change('delete', 'delete the file of a variant that nothing uses', async (registry, id) => {
    await deleteVariant(registry, id, new Date());
    return `${short(id)}  deleted`;
  });
  const pull = pullCommand((names, flags) => pullAll(names, flags));
  const command = new Command('variants').description('manage the registry of variants');
  for (const each of [add, pull, list, show, sign, retire, offer, remove]) command.addCommand(each);
  return command;
}

/** One bad file does not keep the others out; the exit code tells that there was one. */
async function addFiles(
  config: Config,
  files: string[],
  { manifest: manifestFile, ...flags }: UploadFlags & { manifest?: string },
): Promise<void> {
  if (manifestFile !== undefined && files.length > 1) throw new AlpharhoError('config_invalid', '--manifest is for one file');
  const manifest = manifestFile === undefined ? undefined : readManifest(await readText(manifestFile));
  const checker = new Checker(uploadsFolder(config));
  await inRegistry((registry) =>
    each(files, async (path) => {
      const said = await uploadOptions(basename(path), flags);
      report(
        await withAlpharhoErrors(() => uploadVariant(registry, checker, { path, options: said, ...(manifest && { manifest }) })),
        path,
      );
    }),
  );
}

async function pullAll(names: string[], flags: PullFlags): Promise<void> {
  const checker = new Checker(uploadsFolder(loadConfig()));
  await inRegistry((registry) => each(names, async (name) => report(await pullInto(registry, checker, name, flags), name)));
}

async function each(items: string[], work: (item: string) => Promise<void>): Promise<void> {
  for (const item of items) {
    try {
      await work(item);
    } catch (error) {
      if (!isAlpharhoError(error)) throw error;
      console.error(`alpharho: ${item}: ${error.message}`);
      process.exitCode = 1;
    }
  }
}

function report({ variant, known, notes }: Awaited<ReturnType<typeof uploadVariant>>, source: string): void {
  console.log(`${short(variant.id)}  ${label(variant)}  ${source}${known ? '  (known already)' : ''}`);
  for (const note of notes) console.error(`  ${note}`);
  if (variant.retiredAt !== null) console.error(`  it is retired; "alpharho variants offer ${short(variant.id)}" offers it again`);
}

async function signFile(path: string, { key: keyFile, output }: { key: string; output?: string }): Promise<void> {
  const key = await readKeyFile(keyFile);
  const folder = await mkdtemp(join(tmpdir(), 'alpharho-sign-'));
  try {
    const { kind, facts, dispose } = await new Checker(folder).check(path);
    await dispose();
    if (kind !== 'variant') {
      throw new AlpharhoError(
        'model_not_variant',
        `${path}: only files of the variant contract are signed; make one of it with "mobilenet import" or "mobilenet adopt"`,
      );
    }
    const text = `${JSON.stringify(signManifest(facts, key, new Date()))}\n`;
    if (output === undefined) process.stdout.write(text);
    else await withAlpharhoErrors(() => writeFile(output, text));
    console.error(`${short(facts.variant.sha256)}  ${variantLabel(facts.variant)}  signed with key ${key.id}`);
  } finally {
    await rm(folder, { recursive: true });
  }
}

async function printList({ all, json }: { all?: true; json?: true }): Promise<void> {
  await inRegistry(async ({ db }) => {
    const known = await listVariants(db);
    const variants = known.filter(({ retiredAt }) => all === true || retiredAt === null);
    if (json)
      return console.log(
        JSON.stringify(
          variants.map(({ labels: _, manifest: _manifest, ...variant }) => variant),
          null,
          2,
        ),
      );
    if (known.length === 0)
      return console.log('No variants yet; add one with "alpharho variants add FILE", or "alpharho variants pull NAME".');
    console.log(table(header, variants.map(cells)));
    if (variants.length < known.length) console.log(`and ${known.length - variants.length} retired; --all shows them`);
  });
}

const header = ['id', 'variant', 'ρ', 'top-1', 'multiply-adds', 'bytes', 'file', 'signed with', 'serving'];

function cells(variant: ListedVariant): string[] {
  return [
    short(variant.id),
    label(variant),
    variant.rhos === null ? String(variant.rho) : (JSON.parse(variant.rhos) as number[]).join(' '),
    variant.top1 === null ? '—' : variant.top1.toFixed(1),
    variant.multiplyAdds === null ? '—' : `${(variant.multiplyAdds / 1e6).toFixed(0)} M`,
    variant.bytes.toLocaleString('en'),
    variant.retiredAt === null ? (variant.stored ? 'stored' : 'on a device') : 'retired',
    variant.keyId ?? '—',
    `${variant.servedBy} ${variant.servedBy === 1 ? 'device' : 'devices'}`,
  ];
}

function short(id: string): string {
  return id.slice(0, 12);
}

function label(row: Omit<ListedVariant, 'servedBy'>): string {
  const variant = toWireVariant(row);
  return `${variantLabel(variant)}${variant.weights === 'random' ? ' untrained' : ''}`;
}
