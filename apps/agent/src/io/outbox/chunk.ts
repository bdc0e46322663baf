/**
 * @file Entries as the outbox keeps them: those of one commit together, deflated. Results repeat themselves, so a second of them takes a
 * seventh of the bytes, and the SD card is written that much less.
 *
 * SQLite does not notice a flipped bit within a row. Here it is noticed: zlib sums up the content (Adler-32), and the preset dictionary's
 * own sum covers whose entries these are (RFC 1950, 2.2).
 */
import { promisify } from 'node:util';
import { deflate, inflate } from 'node:zlib';
import type { Stream } from '../../domain/ports.ts';

const deflateAsync = promisify(deflate);
const inflateAsync = promisify(inflate);

/** Whose entries a chunk holds, and from which number on. */
export type ChunkKey = { readonly stream: Stream; readonly session: string; readonly first: number };

/** More entries than this make another chunk, so that reading the first of them stays cheap. */
export const maxChunkEntries = 200;
export const maxChunkBytes = 256 * 1024;

/** No honest chunk is longer, whatever a damaged one claims: the longest entry is an event with a picture. */
const maxPlainBytes = 4 * 1024 * 1024;

/** What every result is made of; the dictionary may change only with the schema's version. */
const skeleton = '"},{"class":,"label":"","probability":0.}]}\n{"variant":"","frame":,"at":17,"ms":,"top":[{"class":0,"label":"';

/** @param bodies undefined where an entry between two others was removed */
export async function packChunk(key: ChunkKey, bodies: readonly (string | undefined)[]): Promise<Buffer> {
  return deflateAsync(bodies.map((body) => body ?? '').join('\n'), { dictionary: dictionaryOf(key) });
}

/** @throws where the chunk is damaged, or belongs to another key */
export async function unpackChunk(key: ChunkKey, data: Buffer): Promise<(string | undefined)[]> {
  const plain = await inflateAsync(data, { dictionary: dictionaryOf(key), maxOutputLength: maxPlainBytes });
  return plain
    .toString()
    .split('\n')
    .map((line) => (line === '' ? undefined : line));
}

/** Leading piece of `bodies` that makes one chunk. */
export function cutChunk(bodies: readonly string[], from: number): string[] {
  const piece: string[] = [];
  let bytes = 0;
  for (let index = from; index < bodies.length && piece.length < maxChunkEntries; index += 1) {
    const body = bodies[index] ?? '';
    bytes += body.length;
    if (bytes > maxChunkBytes && piece.length > 0) break;
    piece.push(body);
  }
  return piece;
}

function dictionaryOf({ stream, session, first }: ChunkKey): Buffer {
  return Buffer.from(`${stream} ${session} ${first}\n${skeleton}`);
}
