/** @file Where each setting's value comes from: default < file < environment < flag. */
import { access, constants } from 'node:fs/promises';
import { AlpharhoError } from '@alpharho/protocol';
import { redactAddresses } from '../io/system/redact.ts';
import { type ConfigFile, defaultConfigFile, readConfigFile } from './config-file.ts';
import { nearest } from './nearest.ts';
import {
  dashed,
  environmentName,
  environmentPrefix,
  type Setting,
  type SettingName,
  settingNames,
  settings,
  type Values,
} from './table.ts';

export type Origin =
  | { readonly from: 'default' }
  | { readonly from: 'file'; readonly path: string; readonly line: number }
  | { readonly from: 'environment'; readonly name: string }
  | { readonly from: 'flag'; readonly name: string };

export type Sources = {
  /** By setting name, as the command line gives them; only what was written there. */
  readonly flags: Record<string, unknown>;
  readonly environment: NodeJS.ProcessEnv;
  readonly file: ConfigFile | undefined;
};

export type Resolved = { readonly values: Values; readonly origins: Readonly<Record<SettingName, Origin>> };

/** Names the file; not a setting itself, since no file can say it. */
const fileVariable = `${environmentPrefix}CONFIG`;

export type FoundFile = { readonly file: ConfigFile | undefined; readonly warning?: string };

/**
 * The file that --config or ALPHARHO_AGENT_CONFIG names, or the usual one where it is there.
 * @throws AlpharhoError config_invalid; the usual one is left out, with a warning, where it belongs to another user
 */
export async function findConfigFile(
  named: string | undefined,
  environment: NodeJS.ProcessEnv,
  usual = defaultConfigFile,
): Promise<FoundFile> {
  const path = named ?? environment[fileVariable];
  if (path !== undefined && path !== '') return { file: await readConfigFile(path) };
  if (!(await may(usual, constants.F_OK))) return { file: undefined };
  if (await may(usual, constants.R_OK)) return { file: await readConfigFile(usual) };
  return { file: undefined, warning: `${usual} belongs to another user and is left out; run as root to use it` };
}

function may(path: string, mode: number): Promise<boolean> {
  return access(path, mode).then(
    () => true,
    () => false,
  );
}

/** @throws AlpharhoError config_invalid that says where the value came from, what is wrong and what would be right */
export function resolveSettings(sources: Sources): Resolved {
  const values: Record<string, unknown> = {};
  const origins = {} as Record<SettingName, Origin>;
  for (const name of settingNames) {
    const { value, origin } = find(name, sources);
    origins[name] = origin;
    values[name] = origin.from === 'default' ? settings[name].fallback : check(name, value, origin);
  }
  return { values: values as Values, origins };
}

/** Environment names that look like ours and are none: other programs may set such names, so they are told and not refused. */
export function strayVariables(environment: NodeJS.ProcessEnv): string[] {
  const known = [...settingNames.map(environmentName), fileVariable];
  return Object.keys(environment)
    .filter((name) => name.startsWith(environmentPrefix) && !known.includes(name))
    .map((name) => {
      const near = nearest(
        name.slice(environmentPrefix.length),
        known.map((one) => one.slice(environmentPrefix.length)),
      );
      return `${name} is not a setting${near === undefined ? '' : `; did you mean ${environmentPrefix}${near}?`}`;
    });
}

function find(name: SettingName, { flags, environment, file }: Sources): { value: unknown; origin: Origin } {
  if (flags[name] !== undefined) return { value: flags[name], origin: { from: 'flag', name: `--${dashed(name)}` } };
  const variable = environmentName(name);
  // An empty variable is how many tools unset one.
  if (environment[variable]) return { value: environment[variable], origin: { from: 'environment', name: variable } };
  const entry = file?.entries.get(name);
  if (file !== undefined && entry !== undefined) return { value: entry.value, origin: { from: 'file', path: file.path, line: entry.line } };
  return { value: undefined, origin: { from: 'default' } };
}

function check(name: SettingName, value: unknown, origin: Origin): unknown {
  const { schema }: Setting = settings[name];
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  throw settingError(name, value, origin, parsed.error.issues[0]?.message ?? 'not usable');
}

/** What is said of a value that cannot be used; secrets in it stay out. */
export function settingError(name: SettingName, value: unknown, origin: Origin, what: string): AlpharhoError {
  const given =
    value === undefined ? 'is missing' : `"${redactAddresses(typeof value === 'string' ? value : JSON.stringify(value)).slice(0, 200)}"`;
  return new AlpharhoError('config_invalid', `${place(name, origin)} ${given}: ${what}`);
}

function place(name: SettingName, origin: Origin): string {
  if (origin.from === 'file') return `${origin.path}:${origin.line}: ${dashed(name)}`;
  return origin.from === 'default' ? `--${dashed(name)}` : origin.name;
}
