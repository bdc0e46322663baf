/** @file A multipart form with a model file goes to disk as it comes: nothing of it is held in memory but the fields. */
import { randomUUID } from 'node:crypto';
import { createWriteStream } from 'node:fs';
import { mkdir, readdir, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { ReadableStream } from 'node:stream/web';
import { AlpharhoError, isAlpharhoError, type SignedManifest } from '@alpharho/protocol';
import busboy from 'busboy';
import { maxUploadBytes } from '../../lib/upload-rules.ts';
import { readManifest } from '../keys/manifest.ts';
import { readUploadOptions, type UploadOptions } from './upload-options.ts';

/** A list of 100 000 labels. */
const longestField = 8_000_000;
/** What an upload that was cut off left behind. */
const staleMs = 3_600_000;

export type Received = { path: string; options: UploadOptions; manifest?: SignedManifest };

type Form = { headers: Headers; body: ReadableStream | null };

/**
 * Receives `file`, and the fields `options` (JSON of an upload's options) and `manifest`, where they are given.
 * @param folder for the file; who calls deletes it
 * @throws AlpharhoError payload_invalid | payload_too_large | config_invalid | payload_not_json. No file is left then
 */
export async function receiveUpload({ headers, body }: Form, folder: string): Promise<Received> {
  await mkdir(folder, { recursive: true, mode: 0o700 });
  await removeStale(folder);
  const path = join(folder, `${randomUUID()}.upload`);
  try {
    const { name, fields } = await readForm({ headers, body }, path);
    const given = fields.get('options');
    const options = readUploadOptions({ ...(given === undefined ? {} : parseOptions(given)), ...(name !== undefined && { name }) });
    const manifest = fields.get('manifest');
    return { path, options, ...(manifest !== undefined && { manifest: readManifest(manifest) }) };
  } catch (error) {
    await rm(path, { force: true });
    if (isAlpharhoError(error) || (error instanceof Error && 'syscall' in error)) throw error;
    throw new AlpharhoError('payload_invalid', `the form cannot be read: ${error instanceof Error ? error.message : String(error)}`, {
      cause: error,
    });
  }
}

async function readForm({ headers, body }: Form, path: string): Promise<{ name: string | undefined; fields: Map<string, string> }> {
  if (body === null) throw new AlpharhoError('payload_invalid', 'the request is empty: a multipart form with the field "file" is expected');
  const limits = { files: 1, fileSize: maxUploadBytes, fields: 4, fieldSize: longestField, parts: 6, fieldNameSize: 40 };
  const form = busboy({ headers: Object.fromEntries(headers), limits, defParamCharset: 'utf8' });
  const fields = new Map<string, string>();
  let saved: Promise<void> | undefined;
  let name: string | undefined;
  let tooLarge = false;
  form.on('field', (field, value, { valueTruncated }) => {
    if (valueTruncated) form.destroy(new AlpharhoError('payload_too_large', `the field ${field} has more than ${longestField} bytes`));
    fields.set(field, value);
  });
  form.on('file', (field, stream, info) => {
    if (field !== 'file') return void stream.resume();
    name = info.filename?.slice(0, 200) || undefined;
    stream.once('limit', () => {
      tooLarge = true;
      form.destroy(
        new AlpharhoError('payload_too_large', `the file has more than ${maxUploadBytes / 2 ** 20} MiB, the most that is taken`),
      );
    });
    saved = pipeline(stream, createWriteStream(path, { flags: 'wx', mode: 0o600 }));
    // What befalls the form befalls the file; it is told once.
    saved.catch((error: Error) => form.destroy(error));
  });
  await pipeline(Readable.fromWeb(body), form);
  if (tooLarge || saved === undefined) throw new AlpharhoError('payload_invalid', 'the form has no file in the field "file"');
  await saved;
  return { name, fields };
}

function parseOptions(text: string): object {
  try {
    const json: unknown = JSON.parse(text);
    if (typeof json === 'object' && json !== null) return json;
  } catch (cause) {
    throw new AlpharhoError('payload_not_json', 'the field "options" is not JSON', { cause });
  }
  throw new AlpharhoError('payload_invalid', 'the field "options" is no JSON object');
}

async function removeStale(folder: string): Promise<void> {
  const now = Date.now();
  for (const name of await readdir(folder)) {
    const path = join(folder, name);
    const found = await stat(path).catch(() => undefined);
    if (found !== undefined && now - found.mtimeMs > staleMs) await rm(path, { force: true });
  }
}
