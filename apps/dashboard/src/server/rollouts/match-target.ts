/** @file Which devices a target query means. */
import type { TargetField, TargetPattern, TargetQuery } from './target-query.ts';

export type TargetFacts = {
  readonly id: string;
  readonly hardwareClass: string | null;
  /** Key → value; '' for a plain tag. */
  readonly tags: Readonly<Record<string, string>>;
  /** What it serves: its digest and the names by which people call it. */
  readonly serving: { readonly id: string; readonly names: readonly string[] } | null;
};

export function matchesTargets(query: TargetQuery, device: TargetFacts): boolean {
  return query.every(({ field, not, patterns }) => patterns.some((pattern) => tests[field](pattern, device)) !== not);
}

/** Fewer digits of a digest could as well be a name. */
const shortestDigest = 6;

const tests: Record<TargetField, (pattern: TargetPattern, device: TargetFacts) => boolean> = {
  id: (pattern, { id }) => fits(pattern, id),
  site: (pattern, { tags }) => tags.site !== undefined && fits(pattern, tags.site),
  class: (pattern, { hardwareClass }) => hardwareClass !== null && fitsName(pattern, hardwareClass),
  tag: ({ text, wild }, { tags }) => {
    const colon = text.indexOf(':');
    const key = colon < 0 ? text : text.slice(0, colon);
    return Object.entries(tags).some(
      ([name, value]) => fits({ text: key, wild }, name) && (colon < 0 || fits({ text: text.slice(colon + 1), wild }, value)),
    );
  },
  variant: (pattern, { serving }) =>
    serving !== null &&
    (serving.names.some((name) => fitsName(pattern, name)) ||
      (/^[0-9a-f]+$/.test(pattern.text) && pattern.text.length >= shortestDigest && serving.id.startsWith(pattern.text))),
};

/** Names of boards and variants are written in many ways. */
function fitsName({ text, wild }: TargetPattern, value: string): boolean {
  const plain = (name: string) => name.toLowerCase().replaceAll('×', 'x');
  return fits({ text: plain(text), wild }, plain(value));
}

function fits({ text, wild }: TargetPattern, value: string): boolean {
  return wild ? fitsPieces(text.split('*'), value) : value === text;
}

/** The pieces one after the other, each as early as it comes: linear, where a regular expression made of many stars could take for ever. */
function fitsPieces([first = '', ...rest]: readonly string[], value: string): boolean {
  if (!value.startsWith(first)) return false;
  const last = rest.at(-1) ?? '';
  let at = first.length;
  for (const piece of rest.slice(0, -1)) {
    const found = value.indexOf(piece, at);
    if (found < 0) return false;
    at = found + piece.length;
  }
  return value.length - last.length >= at && value.endsWith(last);
}
