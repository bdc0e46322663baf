/** @file The endless answer of an HTTP camera: redirects followed within bounds, everything that is no stream of JPEGs told in words. */
import { get as getHttp, type IncomingMessage } from 'node:http';
import { get as getHttps } from 'node:https';
import { AlpharhoError } from '@alpharho/protocol';
import { systemCode } from '../system/disk-error.ts';
import { redactUrl } from '../system/redact.ts';

const maxRedirects = 3;
/** A peer that is gone without a word is noticed by the connection itself. */
const keepAliveMs = 15_000;
/** Small servers call their streams all sorts of things; pages and documents are none. */
const streamTypes = /^(multipart\/.+|image\/.+|video\/.+|application\/octet-stream|)$/;

/**
 * @param url with user and password, where the camera wants them
 * @returns the body; the signal ends it too
 * @throws AlpharhoError camera_unreadable; the signal's reason when aborted
 */
export async function openMjpegBody(url: URL, signal: AbortSignal): Promise<IncomingMessage> {
  let at = url;
  for (let redirects = 0; ; redirects += 1) {
    const answer = await ask(at, signal);
    const to = redirection(answer, at);
    if (to === undefined) return checked(answer, at);
    answer.destroy();
    if (redirects === maxRedirects) throw noFrames(url, `it redirects more than ${maxRedirects} times`);
    at = to;
  }
}

async function ask(url: URL, signal: AbortSignal): Promise<IncomingMessage> {
  const get = url.protocol === 'https:' ? getHttps : getHttp;
  try {
    return await new Promise((resolve, reject) => {
      const headers = { accept: 'multipart/x-mixed-replace, image/jpeg', 'user-agent': 'alpharho-agent' };
      const request = get(url, { headers, signal }, resolve);
      request.on('error', reject);
      request.on('socket', (socket) => socket.setKeepAlive(true, keepAliveMs));
    });
  } catch (error) {
    signal.throwIfAborted();
    throw noFrames(url, error instanceof Error && error.message !== '' ? error.message : String(systemCode(error)), error);
  }
}

function redirection({ statusCode = 0, headers }: IncomingMessage, from: URL): URL | undefined {
  if (![301, 302, 303, 307, 308].includes(statusCode) || headers.location === undefined) return undefined;
  const to = URL.canParse(headers.location, from.href) ? new URL(headers.location, from) : undefined;
  if (to === undefined || !/^https?:$/.test(to.protocol)) throw noFrames(from, 'it redirects to what is no http address');
  // Whoever the camera points at is not told the camera's password.
  const trusted = to.origin === from.origin;
  to.username = trusted ? from.username : '';
  to.password = trusted ? from.password : '';
  return to;
}

function checked(answer: IncomingMessage, url: URL): IncomingMessage {
  const type = (answer.headers['content-type'] ?? '').split(';', 1)[0]?.trim().toLowerCase() ?? '';
  if (answer.statusCode === 200 && streamTypes.test(type)) return answer;
  answer.destroy();
  if (answer.statusCode === 200) throw noFrames(url, `it answers with ${type.slice(0, 60)}; multipart/x-mixed-replace is expected`);
  throw noFrames(url, refusal(answer));
}

function refusal({ statusCode, headers }: IncomingMessage): string {
  if (statusCode !== 401) return `HTTP ${statusCode}`;
  const digest = /^digest/i.test(headers['www-authenticate'] ?? '');
  return digest
    ? 'HTTP 401, and it wants digest authentication; switch the camera to basic, or give its RTSP address'
    : 'HTTP 401; it wants a user and a password: mjpeg:http://USER:PASSWORD@…';
}

export function noFrames(url: URL, what: string, cause?: unknown): AlpharhoError {
  return new AlpharhoError('camera_unreadable', `${redactUrl(url.href)} gives no frames: ${what}`, { cause });
}
