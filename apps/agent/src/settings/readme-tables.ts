/** @file The table of settings as the README shows it. */
import { dashed, environmentName, groups, isSwitch, type Setting, settingNames, settings } from './table.ts';

/** Markdown: a heading and a table for each group. */
export function settingsMarkdown(): string {
  const parts = Object.entries(groups).flatMap(([group, title]) => {
    const rows = settingNames.filter((name) => settings[name].group === group).map(row);
    return rows.length === 0 ? [] : [`### ${title}`, '', '| Flag | Environment | Default | |', '|---|---|---|---|', ...rows, ''];
  });
  return parts.join('\n').trimEnd();
}

function row(name: (typeof settingNames)[number]): string {
  const { value, help, fallback, otherwise }: Setting = settings[name];
  const flag = isSwitch(name) ? `--${fallback === true ? 'no-' : ''}${dashed(name)}` : `--${dashed(name)} <${value}>`;
  const plain = otherwise ?? (isSwitch(name) ? (fallback === true ? 'on' : 'off') : `\`${String(fallback)}\``);
  return `| \`${flag}\` | \`${environmentName(name)}\` | ${plain} | ${help} |`.replaceAll('<id>', '&lt;id&gt;');
}
