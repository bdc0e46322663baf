/**
 * @file The results schema once more, by hand, for the one message that arrives thousands of times a second: it says yes or no ten times
 * faster than the schema, which is asked for the words of a refusal. That both agree is tested with generated messages.
 */
import { maxResultsPerBatch, protocolVersion, type Results } from '@alpharho/protocol';

const sessionPattern = /^[A-Za-z0-9_-]{8,36}$/;
const sha256Pattern = /^[0-9a-f]{64}$/;
const maxTimestamp = 8.64e15;
const maxVariants = 16;
const maxTop = 10;
const maxLabel = 200;
const maxProbability = 1.0001;

/** @returns whether `json` is a results message. Unknown fields are not looked at: readers must take the known ones only. */
export function isResults(json: unknown): json is Results {
  if (!isObject(json) || json.v !== protocolVersion) return false;
  const { session, sentAt, variants, results } = json;
  if (typeof session !== 'string' || !sessionPattern.test(session) || !isInteger(sentAt, 0, maxTimestamp)) return false;
  if (!Array.isArray(variants) || variants.length < 1 || variants.length > maxVariants) return false;
  for (const variant of variants) if (typeof variant !== 'string' || !sha256Pattern.test(variant)) return false;
  if (!Array.isArray(results) || results.length < 1 || results.length > maxResultsPerBatch) return false;
  const first: unknown = results[0]?.seq;
  if (!isInteger(first, 1, Number.MAX_SAFE_INTEGER)) return false;
  for (let index = 0; index < results.length; index += 1) {
    const result: unknown = results[index];
    if (!isObject(result) || result.seq !== first + index || !isResult(result, variants.length)) return false;
  }
  return true;
}

function isResult(result: Record<string, unknown>, variants: number): boolean {
  return (
    isInteger(result.seq, 1, Number.MAX_SAFE_INTEGER) &&
    isInteger(result.frame, 1, Number.MAX_SAFE_INTEGER) &&
    isInteger(result.at, 0, maxTimestamp) &&
    isInteger(result.variant, 0, Math.min(variants, maxVariants) - 1) &&
    isNumber(result.ms, 0, Number.MAX_VALUE) &&
    isTop(result.top)
  );
}

function isTop(top: unknown): boolean {
  if (!Array.isArray(top) || top.length < 1 || top.length > maxTop) return false;
  for (const prediction of top as unknown[]) {
    if (!isObject(prediction)) return false;
    const { label } = prediction;
    if (typeof label !== 'string' || label.length > maxLabel) return false;
    if (!isInteger(prediction.class, 0, Number.MAX_SAFE_INTEGER) || !isNumber(prediction.probability, 0, maxProbability)) return false;
  }
  return true;
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isInteger(value: unknown, min: number, max: number): value is number {
  return Number.isSafeInteger(value) && (value as number) >= min && (value as number) <= max;
}

function isNumber(value: unknown, min: number, max: number): boolean {
  return typeof value === 'number' && value >= min && value <= max;
}
