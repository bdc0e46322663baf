/** @file Cuts outbox entries into messages: one session, no gap, within the wire's limits. */
import { maxResultsPerBatch, type Prediction, type Results, type Sha256, topics } from '@alpharho/protocol';
import type { FrameResult } from './frames.ts';
import type { OutboxEntry } from './ports.ts';
import { round } from './round.ts';

/** A result as the outbox keeps it; session and seq stand beside it. */
type KeptResult = { variant: Sha256; frame: number; at: number; ms: number; top: readonly Prediction[] };

/** resultsSchema's limit. */
const maxVariants = 16;

/** Room for the envelope: version, session, sentAt and sixteen digests take about 1.5 KB. */
const maxBodyBytes = topics.results.maxBytes - 4096;

/** A leading piece of the outbox that fits one message; `from` and `to` are its first and last sequence numbers. */
export type Cut<M> = { readonly session: string; readonly from: number; readonly to: number; readonly message: M };

export type ResultsDraft = Omit<Results, 'sentAt'>;

/** A result's body as the outbox keeps it. */
export function encodeResult(result: FrameResult): string {
  const kept: KeptResult = {
    variant: result.variant,
    frame: result.frame,
    at: result.at,
    ms: round(result.ms, 1e3),
    top: result.top.map((prediction) => ({ ...prediction, probability: round(prediction.probability, 1e5) })),
  };
  return JSON.stringify(kept);
}

/** @param entries oldest first. @returns undefined where there are none, or where the first one's body is damaged */
export function cutResults(entries: readonly OutboxEntry[]): Cut<ResultsDraft> | undefined {
  const first = entries[0];
  if (first === undefined) return undefined;
  const variants: Sha256[] = [];
  const results: Results['results'] = [];
  let bytes = 0;
  for (const { session, seq, body } of entries) {
    bytes += Buffer.byteLength(body);
    if (session !== first.session || seq !== first.seq + results.length) break;
    if (results.length === maxResultsPerBatch || (bytes > maxBodyBytes && results.length > 0)) break;
    const kept = parse(body);
    if (kept === undefined) break;
    const { variant, frame, at, ms, top } = kept;
    if (!variants.includes(variant)) {
      if (variants.length === maxVariants) break;
      variants.push(variant);
    }
    results.push({ seq, frame, at, variant: variants.indexOf(variant), ms, top: [...top] });
  }
  if (results.length === 0) return undefined;
  return {
    session: first.session,
    from: first.seq,
    to: first.seq + results.length - 1,
    message: { v: 1, session: first.session, variants, results },
  };
}

/** As far as a message can be made of it: what stands in its fields the codec checks. */
function parse(body: string): KeptResult | undefined {
  try {
    const kept = JSON.parse(body) as KeptResult | null;
    return typeof kept?.variant === 'string' && Array.isArray(kept.top) ? kept : undefined;
  } catch {
    return undefined;
  }
}
