/** @file Rows under a heading, in columns of their own width, for terminals. */

export function table(header: readonly string[], rows: readonly (readonly string[])[]): string {
  return columns([header, ...rows]);
}

/** What is known of one thing: a name and a value a line. */
export function card(facts: readonly (readonly [string, unknown])[]): string {
  return columns(facts.map(([name, value]) => [name, or(value)]));
}

/** What stands where nothing is known. A blank is never used. */
export function or(value: unknown): string {
  return value == null || value === '' ? '—' : String(value);
}

/** Without control characters, which devices may send in messages; spaces that do not break become plain ones, which can be searched for. */
export function plain(text: string): string {
  return text.replaceAll('\u00a0', ' ').replace(/\p{C}/gu, ' ');
}

function columns(cells: readonly (readonly string[])[]): string {
  const rows = cells.map((row) => row.map(plain));
  const widths = rows.reduce<number[]>((most, row) => row.map((cell, column) => Math.max(most[column] ?? 0, cell.length)), []);
  const line = (row: readonly string[]) =>
    row
      .map((cell, column) => cell.padEnd(widths[column] ?? 0))
      .join('  ')
      .trimEnd();
  return rows.map(line).join('\n');
}
