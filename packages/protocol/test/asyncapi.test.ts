import { readFile } from 'node:fs/promises';
import { Parser } from '@asyncapi/parser';
import { describe, expect, it } from 'vitest';
import { asyncApiDocument } from '../src/asyncapi/document.ts';
import { examples } from '../src/asyncapi/examples.ts';
import { decode, errorCodes, eventIds, type TopicName, topics } from '../src/index.ts';

const committed = new URL('../../../docs/protocol/asyncapi.json', import.meta.url);

describe('docs/protocol/asyncapi.json', () => {
  it('says what the source says', async () => {
    const onDisk: unknown = JSON.parse(await readFile(committed, 'utf8'));
    expect(onDisk, 'the document is out of date; run: npm run asyncapi -w @alpharho/protocol').toEqual(asyncApiDocument());
  });

  it('is valid AsyncAPI 3.0', async () => {
    const { document, diagnostics } = await new Parser().parse(await readFile(committed, 'utf8'));
    const errors = diagnostics.filter(({ severity }) => severity === 0).map(({ path, message }) => `${path.join('.')}: ${message}`);
    expect(errors).toEqual([]);
    expect(document?.version()).toBe('3.0.0');
    expect(
      document
        ?.operations()
        .filterBySend()
        .map((operation) => operation.id()),
    ).toEqual(namesOf('up'));
    expect(
      document
        ?.operations()
        .filterByReceive()
        .map((operation) => operation.id()),
    ).toEqual(namesOf('down'));
  });

  it('lists every error code with what to do', () => {
    expect(asyncApiDocument()['x-error-codes']).toEqual(errorCodes);
  });

  it('lists every event id with what it means', () => {
    expect(asyncApiDocument()['x-event-ids']).toEqual(eventIds);
  });

  it('has examples that the codec takes as they are', () => {
    for (const [name, example] of Object.entries(examples)) {
      expect(decode(name as TopicName, Buffer.from(JSON.stringify(example)))).toEqual({ ok: true, value: example });
    }
  });
});

function namesOf(direction: 'up' | 'down'): string[] {
  return Object.entries(topics)
    .filter(([, spec]) => spec.direction === direction)
    .map(([name]) => name);
}
