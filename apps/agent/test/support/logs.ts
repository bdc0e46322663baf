/** @file A log that remembers. */
import type { Log } from '../../src/domain/ports.ts';

export type RememberedLog = Log & { readonly lines: string[] };

/** Lines are `level message`. */
export function rememberedLog(): RememberedLog {
  const lines: string[] = [];
  const at = (level: string) => (message: string) => void lines.push(`${level} ${message}`);
  return { lines, debug: at('debug'), info: at('info'), warn: at('warn'), error: at('error') };
}
