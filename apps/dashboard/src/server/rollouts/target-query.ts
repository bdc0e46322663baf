/**
 * @file The text by which a rollout names its targets: `site=quay,orchard class="Raspberry Pi 4" tag=outdoor id=cam-* -tag=lab`.
 * A space means and, a comma or, `-` not. `*` stands for any characters.
 */
import { AlpharhoError } from '@alpharho/protocol';

export const targetFields = ['id', 'site', 'class', 'tag', 'variant'] as const;
export type TargetField = (typeof targetFields)[number];

export type TargetPattern = { readonly text: string; readonly wild: boolean };
export type TargetTerm = { readonly field: TargetField; readonly not: boolean; readonly patterns: readonly TargetPattern[] };
export type TargetQuery = readonly TargetTerm[];

/** @throws AlpharhoError target_query_invalid, naming the character (from 1), what stands there and what would be right. */
export function parseTargetQuery(text: string): TargetQuery {
  const reader = new Reader(text);
  const terms: TargetTerm[] = [];
  while (reader.skipSpace()) terms.push(readTerm(reader));
  if (terms.length === 0) throw reader.wrong(0, 'nothing is asked for; say which devices, like site=quay, or id=* for all');
  return terms;
}

function readTerm(reader: Reader): TargetTerm {
  const not = reader.take('-');
  const start = reader.at;
  const name = reader.read(/[^\s=,"]*/y);
  const field = targetFields.find((each) => each === name);
  if (field === undefined) {
    const hint = name === '' ? '' : `; a tag of one's own is asked for as tag=${name}`;
    throw reader.wrong(start, `${quote(name)} is none of ${targetFields.join(', ')}${hint}`);
  }
  if (!reader.take('=')) throw reader.wrong(reader.at, `"=" is expected after ${field}, like ${field}=${examples[field]}`);
  const patterns = [readPattern(reader, field)];
  while (reader.take(',')) patterns.push(readPattern(reader, field));
  return { field, not, patterns };
}

const examples: Record<TargetField, string> = {
  id: 'cam-*',
  site: 'quay',
  class: '"Raspberry Pi 4*"',
  tag: 'outdoor',
  variant: '"V1 0.5×160"',
};

function readPattern(reader: Reader, field: TargetField): TargetPattern {
  const start = reader.at;
  if (!reader.take('"')) {
    const text = reader.read(/[^\s,"]*/y);
    if (text === '') throw reader.wrong(start, `a value is expected, like ${field}=${examples[field]}`);
    if (reader.next === '"') throw reader.wrong(reader.at, 'a quote can only begin a value');
    return { text, wild: text.includes('*') };
  }
  const text = reader.read(/[^"]*/y);
  if (!reader.take('"')) throw reader.wrong(start, 'the quote is not closed');
  if (text === '') throw reader.wrong(start, 'the quotes are empty');
  if (!/[\s,]|^$/.test(reader.next)) throw reader.wrong(reader.at, 'a space or a comma is expected after a closing quote');
  return { text, wild: text.includes('*') };
}

function quote(text: string): string {
  return JSON.stringify(text.length > 40 ? `${text.slice(0, 40)}…` : text);
}

class Reader {
  at = 0;
  private readonly text: string;

  constructor(text: string) {
    this.text = text;
  }

  /** '' at the end. */
  get next(): string {
    return this.text.charAt(this.at);
  }

  /** @returns whether there is more. */
  skipSpace(): boolean {
    this.read(/\s*/y);
    return this.at < this.text.length;
  }

  take(character: string): boolean {
    if (this.next !== character) return false;
    this.at += 1;
    return true;
  }

  /** @param pattern sticky. */
  read(pattern: RegExp): string {
    pattern.lastIndex = this.at;
    const found = pattern.exec(this.text)?.[0] ?? '';
    this.at += found.length;
    return found;
  }

  wrong(at: number, what: string): AlpharhoError {
    return new AlpharhoError('target_query_invalid', `targets: character ${at + 1}: ${what}`);
  }
}
