/** @file `alpharho-agent enroll`: makes this board a device of a hub. */
import { dirname, resolve } from 'node:path';
import { AlpharhoError, deviceIdSchema, type EnrolmentAnswer, enrolmentTokenSchema } from '@alpharho/protocol';
import type { EnrollOptions } from '../cli.ts';
import { requestEnrolment } from '../io/enrolment.ts';
import { writeTrustFile } from '../io/keys/trust-file.ts';
import { readHardware } from '../io/system/machine.ts';
import { redactUrl } from '../io/system/redact.ts';
import { defaultConfigFile } from '../settings/config-file.ts';
import { checkEditable, editConfigFile } from '../settings/edit-file.ts';
import { defaultId } from '../settings/table.ts';
import { version } from '../version.ts';
import { print } from './print.ts';

/** Beside the settings file: whose signatures this hub's devices trust. */
const keysName = 'hub-keys.json';

/** @throws AlpharhoError config_invalid before anything is sent; the hub's code; a disk's code */
export async function enroll(hub: string, { token, id, config }: EnrollOptions): Promise<number> {
  const address = hubAddress(hub);
  check('--token', enrolmentTokenSchema.safeParse(token));
  if (id !== undefined) check(`--id "${id}"`, deviceIdSchema.safeParse(id));
  const path = config ?? defaultConfigFile;
  // A token works once: it is not spent where its fruits could not be kept.
  await checkEditable(path);
  const answer = await requestEnrolment(address, {
    v: 1,
    token,
    ...(id !== undefined && { id }),
    hostname: defaultId(),
    agent: { version },
    hardware: await readHardware(),
  });
  await keep(path, answer);
  print(`This board is ${answer.id} on ${redactUrl(answer.hub)}; ${path} says so.`, ...nextSteps(config));
  return 0;
}

async function keep(path: string, { id, hub, modelsUrl, keys }: EnrolmentAnswer): Promise<void> {
  const trust = resolve(dirname(path), keysName);
  try {
    // Before the settings, which name it.
    if (keys !== undefined) await writeTrustFile(trust, keys);
    await editConfigFile(path, { id, hub, modelsUrl, ...(keys !== undefined && { trust }) });
  } catch (error) {
    const lines = [`id: ${id}`, `hub: ${hub}`, `models-url: ${modelsUrl}`].join('\n');
    throw new AlpharhoError(
      'disk_read_only',
      `the hub took this board, and ${path} could not be written; write into it by hand:\n${lines}`,
      { cause: error },
    );
  }
}

function nextSteps(config: string | undefined): string[] {
  const file = config === undefined ? '' : ` --config ${config}`;
  const service = config === undefined ? ['  sudo systemctl restart alpharho-agent    where it is installed as a service'] : [];
  return [
    `Next: see that everything is there, then start it.`,
    `  alpharho-agent doctor${file}`,
    `  alpharho-agent run${file}`,
    ...service,
  ];
}

function hubAddress(text: string): URL {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url !== undefined && /^https?:$/.test(url.protocol) && url.hostname !== '') return url;
  throw new AlpharhoError('config_invalid', `"${redactUrl(text)}" is not the hub's web address; expected one like http://hub.local:1880`);
}

function check(name: string, parsed: { success: boolean; error?: { issues: readonly { message: string }[] } }): void {
  if (!parsed.success) throw new AlpharhoError('config_invalid', `${name}: ${parsed.error?.issues[0]?.message ?? 'not usable'}`);
}
