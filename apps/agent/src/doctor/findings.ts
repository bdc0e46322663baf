/** @file What doctor finds: one line for each thing that the agent needs, with its remedy where it is not as it must be. */
import { isAlpharhoError } from '@alpharho/protocol';

export type Verdict = 'ok' | 'warn' | 'fail';

export type Finding = {
  /** What was looked at: "camera". Stable: programs read it. */
  readonly name: string;
  readonly verdict: Verdict;
  readonly message: string;
  /** What a person does about it; with every warn and fail. */
  readonly remedy?: string;
};

export function ok(name: string, message: string): Finding {
  return { name, verdict: 'ok', message };
}

export function warning(name: string, message: string, remedy: string): Finding {
  return { name, verdict: 'warn', message, remedy };
}

export function failure(name: string, message: string, remedy: string): Finding {
  return { name, verdict: 'fail', message, remedy };
}

/** The words of an error; ours are fit for people, and of others the first line is. */
export function wordsOf(error: unknown): string {
  const message = error instanceof Error ? error.message : String(error);
  return isAlpharhoError(error) ? message : (message.split('\n')[0] ?? '');
}

/** Of the longest name; findings are printed as they come. */
const width = 10;

/** For people. */
export function findingLines(findings: readonly Finding[]): string[] {
  return findings.flatMap(({ name, verdict, message, remedy }) => [
    `${verdict.padEnd(4)}  ${name.padEnd(width)}  ${message}`,
    ...(remedy === undefined ? [] : [`${' '.repeat(width + 8)}→ ${remedy}`]),
  ]);
}
