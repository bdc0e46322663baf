/** @file The agent's settings: flags before ALPHARHO_AGENT_* before defaults, each checked once, at the door. */
import { availableParallelism, homedir, hostname } from 'node:os';
import { join } from 'node:path';
import { AlpharhoError, deviceIdSchema } from '@alpharho/protocol';
import { z } from 'zod';
import { logLevels } from './io/system/log.ts';
import { redactUrl } from './io/system/redact.ts';

/** The hub's HTTP port, beside its broker's. */
const modelsPort = 1880;

const brokerSchema = z.url({ protocol: /^(mqtts?|wss?)$/, error: 'expected an address like mqtt://host:1883' });

const cameraExpected = 'expected a video file, a folder of images, a URL or "synthetic"';

/** Messages name what would be right; the option's name is put before them. */
export const configSchema = z.object({
  camera: z.string(cameraExpected).min(1, cameraExpected),
  model: z.string().min(1).optional(),
  hub: brokerSchema,
  id: deviceIdSchema,
  dataDir: z.string().min(1).optional(),
  modelsUrl: z.url({ protocol: /^https?$/, error: 'expected an address like http://host:1880' }).optional(),
  rate: number('a number of frames a second, above 0 and up to 1000', z.number().positive().max(1000)).optional(),
  loop: z.boolean(),
  threads: number('a whole number from 1 to 64', z.number().int().min(1).max(64)).optional(),
  top: number('a whole number from 1 to 10', z.number().int().min(1).max(10)),
  outboxLimit: number('a number of megabytes, 1 or more', z.number().min(1).max(1e6)),
  logLevel: z.enum(logLevels, `expected ${logLevels.join(', ')}`),
  logJson: z.boolean(),
});

export type Config = Omit<z.infer<typeof configSchema>, 'dataDir' | 'modelsUrl' | 'threads' | 'outboxLimit'> & {
  readonly dataDir: string;
  readonly modelsUrl: URL;
  readonly threads: number;
  readonly outboxBytes: number;
};

function number<T extends z.ZodType<number>>(expected: string, schema: T) {
  const error = `expected ${expected}`;
  return z.coerce.number(error).refine((value) => schema.safeParse(value).success, error);
}

/** A board that runs nothing else still needs one core for the camera and the rest of the agent; more than four gain little on MobileNets. */
function defaultThreads(): number {
  return Math.min(Math.max(availableParallelism() - 1, 1), 4);
}

/** The machine's name as a device id, as far as it can be one. */
export function defaultId(): string {
  const name = hostname()
    .replaceAll(/[^A-Za-z0-9._-]/g, '-')
    .replace(/^[^A-Za-z0-9]+/, '')
    .slice(0, 64);
  return name || 'agent';
}

/** @param raw by option name, as the command line gives them. @throws AlpharhoError config_invalid that names the option, what is wrong and what would be right */
export function parseConfig(raw: Record<string, unknown>): Config {
  const parsed = configSchema.safeParse(raw);
  if (!parsed.success) throw invalid(raw, parsed.error);
  const { dataDir, modelsUrl, threads, outboxLimit, ...rest } = parsed.data;
  return {
    ...rest,
    dataDir: dataDir ?? join(homedir(), '.local', 'share', 'alpharho-agent', rest.id),
    modelsUrl: new URL(modelsUrl ?? `http://${new URL(rest.hub).hostname}:${modelsPort}`),
    threads: threads ?? defaultThreads(),
    outboxBytes: outboxLimit * 1e6,
  };
}

function invalid(raw: Record<string, unknown>, error: z.ZodError): AlpharhoError {
  const issue = error.issues[0];
  const name = String(issue?.path[0] ?? '');
  const flag = `--${name.replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`;
  const given = raw[name] === undefined ? 'is missing' : `"${redactUrl(String(raw[name]))}"`;
  return new AlpharhoError('config_invalid', `${flag} ${given}: ${issue?.message ?? 'not usable'}`);
}
