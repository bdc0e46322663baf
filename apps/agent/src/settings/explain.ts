/** @file `config --explain`: each setting's value and where it came from. */
import { redactAddresses } from '../io/system/redact.ts';
import type { Origin, Resolved } from './resolve.ts';
import { dashed, type Setting, type SettingName, settingNames, settings } from './table.ts';

export type ExplainedSetting = { readonly setting: string; readonly value: unknown; readonly origin: Origin };

/** For programs: null where nothing is set. Secrets are left out. */
export function explainSettings({ values, origins }: Resolved): ExplainedSetting[] {
  return settingNames.map((name) => ({ setting: dashed(name), value: shown(name, values[name]) ?? null, origin: origins[name] }));
}

/** For people. */
export function explainLines(resolved: Resolved): string[] {
  const rows = settingNames.map((name) => {
    const { otherwise }: Setting = settings[name];
    const value = shown(name, resolved.values[name]);
    return [dashed(name), value === undefined ? `(${otherwise})` : String(value), originText(resolved.origins[name])] as const;
  });
  const widths = [0, 1].map((column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
  return rows.map(([name, value, from]) => `${name.padEnd(widths[0] ?? 0)}  ${value.padEnd(Math.min(widths[1] ?? 0, 60))}  ${from}`);
}

function shown(name: SettingName, value: unknown): unknown {
  const { address }: Setting = settings[name];
  return address === true && typeof value === 'string' ? redactAddresses(value) : value;
}

function originText(origin: Origin): string {
  if (origin.from === 'file') return `file ${origin.path}:${origin.line}`;
  return origin.from === 'default' ? 'default' : `${origin.from} ${origin.name}`;
}
