/** @file The settings of hub, pages and commands: environment variables, each with its default, checked in one place. */
import { join, resolve } from 'node:path';
import { AlpharhoError } from '@alpharho/protocol';
import { z } from 'zod';
import { findAbove } from './find-package.ts';

const aPort = 'a port is expected, 1 to 65535';
const port = z.coerce.number(aPort).int(aPort).min(1, aPort).max(65535, aPort);
const days = 'a number of days is expected, above 0, at most 3650';

/** Name → what is taken and what stands in for an absent value. Printed nowhere but in error messages. */
const settings = z.object({
  /** Database, model files, logs. Default: `data` beside the repository's package.json, else in the working directory. */
  ALPHARHO_DATA_DIR: z.string().min(1).optional(),
  /** Everything listens here. Anything but loopback opens the fleet to the network, which has no sign-in yet. */
  ALPHARHO_HOST: z.string().min(1).default('127.0.0.1'),
  ALPHARHO_MQTT_PORT: port.default(1883),
  ALPHARHO_HTTP_PORT: port.default(1880),
  ALPHARHO_WEB_PORT: port.default(3000),
  /** Where devices reach the hub's HTTP port, if not under the host name that they use for MQTT. */
  ALPHARHO_PUBLIC_URL: z.url({ protocol: /^https?$/, error: 'an http or https address is expected' }).optional(),
  /** Days for which single results are kept; telemetry windows are kept for 90. */
  ALPHARHO_RESULTS_DAYS: z.coerce.number(days).positive(days).max(3650, days).default(7),
});

export type Config = {
  dataDir: string;
  host: string;
  mqttPort: number;
  httpPort: number;
  webPort: number;
  /** Without a slash at its end. */
  publicUrl: string | undefined;
  resultsDays: number;
};

/** @throws AlpharhoError config_invalid, naming the setting, its value and what would be right. */
export function loadConfig(env: Readonly<Record<string, string | undefined>> = process.env): Config {
  // An empty variable is what a compose file leaves of an absent one.
  const given = Object.fromEntries(Object.keys(settings.shape).map((name) => [name, env[name] === '' ? undefined : env[name]]));
  const parsed = settings.safeParse(given);
  if (!parsed.success) {
    const issue = parsed.error.issues[0];
    const name = String(issue?.path[0]);
    throw new AlpharhoError('config_invalid', `${name} is ${JSON.stringify(given[name])}: ${issue?.message}`);
  }
  const values = parsed.data;
  refuseSharedPorts(values);
  return {
    // The bundler of the pages would otherwise take the whole working directory for part of them.
    dataDir: resolve(/* turbopackIgnore: true */ values.ALPHARHO_DATA_DIR ?? defaultDataDir()),
    host: values.ALPHARHO_HOST,
    mqttPort: values.ALPHARHO_MQTT_PORT,
    httpPort: values.ALPHARHO_HTTP_PORT,
    webPort: values.ALPHARHO_WEB_PORT,
    publicUrl: values.ALPHARHO_PUBLIC_URL?.replace(/\/+$/, ''),
    resultsDays: values.ALPHARHO_RESULTS_DAYS,
  };
}

const portNames = ['ALPHARHO_WEB_PORT', 'ALPHARHO_MQTT_PORT', 'ALPHARHO_HTTP_PORT'] as const;

/** Each may be free, and still only one of them can have it. */
function refuseSharedPorts(values: Record<(typeof portNames)[number], number>): void {
  for (const [index, name] of portNames.entries()) {
    const other = portNames.slice(0, index).find((before) => values[before] === values[name]);
    if (other !== undefined)
      throw new AlpharhoError('config_invalid', `${other} and ${name} are both ${values[name]}: each needs its own port`);
  }
}

export function databaseFile(config: Pick<Config, 'dataDir'>): string {
  return join(config.dataDir, 'alpharho.db');
}

export function modelsFolder(config: Pick<Config, 'dataDir'>): string {
  return join(config.dataDir, 'models');
}

/** Files on their way into the registry. */
export function uploadsFolder(config: Pick<Config, 'dataDir'>): string {
  return join(config.dataDir, 'uploads');
}

/** Private parts of the signing keys. */
export function keysFolder(config: Pick<Config, 'dataDir'>): string {
  return join(config.dataDir, 'keys');
}

/** Whether only this machine reaches what listens on `host`. */
export function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || /^127(\.\d{1,3}){3}$/.test(host);
}

function defaultDataDir(): string {
  // A bundler may have moved this module, so the working directory is asked too.
  const root = findAbove(import.meta.dirname, 'alpharho') ?? findAbove(process.cwd(), 'alpharho');
  return join(root ?? process.cwd(), 'data');
}
