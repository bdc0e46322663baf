/** @file The table of settings as options of a command. */
import { type Command, Option } from 'commander';
import { dashed, groups, isSwitch, type Setting, type SettingName, settingNames, settings } from './table.ts';

/** Adds --config and one option for each of these settings; their values are what was written, unchecked. */
export function addSettings(command: Command, names: readonly SettingName[] = settingNames): Command {
  command.addOption(
    new Option('--config <file>', 'settings file, YAML (default: /etc/alpharho-agent/config.yaml where it is there)').helpGroup(
      'Settings:',
    ),
  );
  for (const name of names) for (const option of optionsOf(name)) command.addOption(option);
  return command;
}

function optionsOf(name: SettingName): Option[] {
  const { group, value, help, fallback, otherwise }: Setting = settings[name];
  const heading = `${groups[group]}:`;
  const flag = `--${dashed(name)}`;
  if (!isSwitch(name)) return [new Option(`${flag} <${value}>`, plain(`${help} (default: ${otherwise ?? fallback})`)).helpGroup(heading)];
  // Both are taken, so that a flag can undo what a file says; the help shows the one that changes the default.
  const on = new Option(flag, plain(help)).helpGroup(heading).hideHelp(fallback === true);
  const off = new Option(`--no-${dashed(name)}`, plain(help)).helpGroup(heading).hideHelp(fallback !== true);
  // commander takes "true" as the default of a --no- option that stands alone; what was not written must stay undefined.
  return [on, off];
}

/** The README's marks are noise on a terminal. */
function plain(text: string): string {
  return text.replaceAll('`', '');
}
