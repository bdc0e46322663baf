/** @file One file over HTTP, begun where an earlier try was cut (RFC 9110, section 14). */
import { open, stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import { AlpharhoError, isAlpharhoError } from '@alpharho/protocol';
import type { Clock } from '../../domain/clock.ts';
import { diskError, systemCode } from '../system/disk-error.ts';
import { requestOf } from '../system/http.ts';
import { makeFolder } from '../system/make-folder.ts';
import { redactUrl } from '../system/redact.ts';
import { type Pace, PaceGuard } from './pace-guard.ts';

export type DownloadOptions = {
  readonly url: URL;
  readonly sha256: string;
  /** The promised length. */
  readonly bytes: number;
  /** Percent, 0 to 100. */
  readonly progress: (percent: number) => void;
  readonly signal: AbortSignal;
  readonly clock: Clock;
  readonly pace: Pace;
};

/**
 * Fills `part` up to the promised length.
 * @returns true where it went on from bytes of an earlier try
 * @throws AlpharhoError download_failed, download_too_slow, download_endless, length_mismatch, disk_full, disk_read_only; the signal's reason
 * when aborted
 */
export async function downloadInto(part: string, options: DownloadOptions): Promise<boolean> {
  await makeFolder(dirname(part)).catch((error: unknown) => Promise.reject(diskError(dirname(part), error)));
  const present = await presentBytes(part);
  if (present === options.bytes) return true;
  // More than promised cannot be the beginning of it.
  const from = present > options.bytes ? 0 : present;
  const guard = new PaceGuard(options.clock, options.pace, redactUrl(options.url.href), options.signal);
  try {
    const response = await request(options, from, guard.signal);
    const start = response.status === 206 ? from : 0;
    await save(part, response, start, options, guard);
    return start > 0;
  } catch (error) {
    options.signal.throwIfAborted();
    throw guard.fault ?? (isAlpharhoError(error) ? error : failed(options.url, words(error), error));
  } finally {
    guard.end();
  }
}

async function presentBytes(part: string): Promise<number> {
  try {
    return (await stat(part)).size;
  } catch (error) {
    if (systemCode(error) === 'ENOENT') return 0;
    throw diskError(part, error);
  }
}

async function request({ url, sha256, bytes }: DownloadOptions, from: number, signal: AbortSignal): Promise<Response> {
  // The tag makes the server start over where the file behind the address is another one now.
  const rest: Record<string, string> = from > 0 ? { range: `bytes=${from}-`, 'if-range': `"${sha256}"` } : {};
  const { url: plain, headers } = requestOf(url);
  const response = await fetch(plain, { headers: { ...headers, ...rest }, signal });
  if (response.status === 206 && contentStart(response) !== from) {
    throw failed(url, `asked for bytes from ${from}, got ${response.headers.get('content-range') ?? 'no Content-Range'}`);
  }
  if (response.status !== 200 && response.status !== 206) throw failed(url, `HTTP ${response.status}`);
  const length = response.headers.get('content-length');
  const expected = response.status === 206 ? bytes - from : bytes;
  if (length !== null && response.headers.get('content-encoding') === null && Number(length) !== expected) {
    await response.body?.cancel();
    const code = Number(length) > expected ? 'download_endless' : 'length_mismatch';
    throw new AlpharhoError(code, `${redactUrl(url.href)}: the server offers ${length} bytes, ${expected} were promised`);
  }
  return response;
}

function contentStart(response: Response): number | undefined {
  const match = /^bytes (\d+)-/.exec(response.headers.get('content-range') ?? '');
  return match === null ? undefined : Number(match[1]);
}

async function save(part: string, response: Response, start: number, options: DownloadOptions, guard: PaceGuard): Promise<void> {
  const { bytes, progress, url } = options;
  const handle = await open(part, start > 0 ? 'r+' : 'w').catch((error: unknown) => Promise.reject(diskError(part, error)));
  let at = start;
  try {
    for await (const chunk of response.body ?? []) {
      guard.came(chunk.byteLength);
      if (at + chunk.byteLength > bytes)
        throw new AlpharhoError('download_endless', `${redactUrl(url.href)}: more than the promised ${bytes} bytes came`);
      await writeAt(part, handle, chunk, at);
      at += chunk.byteLength;
      progress((at / bytes) * 100);
      // Who waits for the end of a body that has come whole does not notice an abort (undici): nothing more is wanted of one whose end is
      // known. Where the server did not say how long it is, what comes next tells whether it ends.
      if (at === bytes && response.headers.has('content-length')) break;
    }
    options.signal.throwIfAborted();
    await handle.sync().catch((error: unknown) => Promise.reject(diskError(part, error)));
  } finally {
    await handle.close();
  }
  if (at < bytes) throw failed(url, `the connection ended after ${at} of ${bytes} bytes`);
}

async function writeAt(part: string, handle: Awaited<ReturnType<typeof open>>, chunk: Uint8Array, position: number): Promise<void> {
  try {
    for (let done = 0; done < chunk.byteLength; ) {
      const { bytesWritten } = await handle.write(chunk, done, chunk.byteLength - done, position + done);
      done += bytesWritten;
    }
  } catch (error) {
    throw diskError(part, error);
  }
}

function failed(url: URL, what: string, cause?: unknown): AlpharhoError {
  return new AlpharhoError('download_failed', `${redactUrl(url.href)}: ${what}`, { cause });
}

/** fetch hides the reason of a network error in `cause`. */
function words(error: unknown): string {
  const inner = error instanceof Error && error.cause instanceof Error ? error.cause : error;
  return inner instanceof Error ? inner.message : String(inner);
}
