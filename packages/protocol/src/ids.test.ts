import { describe, expect, it } from 'vitest';
import { deviceIdSchema, sequenceSchema, sessionIdSchema, sha256Schema, timestampSchema } from './ids.ts';

const digest = '0123456789abcdef'.repeat(4);

describe('identifiers', () => {
  it.each([
    ['a device', deviceIdSchema, 'line-01'],
    ['a device', deviceIdSchema, '7'],
    ['a device', deviceIdSchema, `a${'.'.repeat(63)}`],
    ['a session', sessionIdSchema, 'V1StGXR8_Z5jdHi6B-myT'],
    ['a session', sessionIdSchema, 'a3bb189e-8bf9-3888-9912-ace4e6543002'],
    ['a digest', sha256Schema, digest],
    ['a time', timestampSchema, 0],
    ['a time', timestampSchema, 8.64e15],
    ['a sequence number', sequenceSchema, 1],
    ['a sequence number', sequenceSchema, Number.MAX_SAFE_INTEGER],
  ])('%s may be %2$s', (_, schema, value) => {
    expect(schema.safeParse(value).data).toBe(value);
  });

  it.each([
    ['a device', deviceIdSchema, ['', '-pi', '.pi', '_pi', 'a/b', 'a b', 'pi\n', 'ä', `a${'b'.repeat(64)}`, 4]],
    ['a session', sessionIdSchema, ['short', 'a'.repeat(37), 'has space', 'dotted.id', 'session-1\n']],
    ['a digest', sha256Schema, [digest.toUpperCase(), digest.slice(1), `${digest}0`, `g${digest.slice(1)}`, `${digest}\n`]],
    ['a time', timestampSchema, [-1, 0.5, 8.64e15 + 2, Number.NaN, '2026-01-01']],
    ['a sequence number', sequenceSchema, [0, -1, 1.5, Number.MAX_SAFE_INTEGER + 1, Number.POSITIVE_INFINITY, '1']],
  ])('%s is none of these', (_, schema, values) => {
    for (const value of values) expect(schema.safeParse(value).success, JSON.stringify(value)).toBe(false);
  });
});
