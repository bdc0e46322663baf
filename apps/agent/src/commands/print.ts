/** @file Where commands write: answers to stdout, what is said beside them to stderr. */

export function print(...lines: readonly string[]): void {
  for (const line of lines) process.stdout.write(`${line}\n`);
}

export function printJson(value: unknown): void {
  print(JSON.stringify(value, undefined, 2));
}

export function warn(lines: readonly string[]): void {
  for (const line of lines) process.stderr.write(`alpharho-agent: ${line}\n`);
}
