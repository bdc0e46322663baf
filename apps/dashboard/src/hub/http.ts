/** @file The hub's HTTP port: model files for devices, named by their digest, enrolment, and a sign of life. */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { finished, pipeline } from 'node:stream/promises';
import { enrolmentPath } from '@alpharho/protocol';
import type { Blob, BlobStore } from '../server/blob-store.ts';
import type { Logger } from '../server/logger.ts';
import type { EnrolmentDoor } from './enrolment-door.ts';
import { HotBlobs } from './hot-blobs.ts';
import { sendJson } from './json-answer.ts';
import { listen } from './listen.ts';
import { parseRange, type Range } from './range.ts';

const maxHeaderBytes = 8 * 1024;
/** To send the headers of a request. */
const headersMs = 10_000;
/** A connection on which nothing moves; a slow link that moves at all may take its time. */
const idleMs = 60_000;
const maxConnections = 512;

type Options = {
  host: string;
  /** 0 for any free one. */
  port: number;
  blobs: BlobStore;
  enrolment: EnrolmentDoor;
  logger: Logger;
};

export class HttpServer {
  private readonly options: Options;
  private readonly server: Server;
  private readonly hot = new HotBlobs();

  constructor(options: Options) {
    this.options = options;
    this.server = createServer({ maxHeaderSize: maxHeaderBytes, headersTimeout: headersMs, requestTimeout: headersMs });
  }

  /** @returns the port that it listens on. @throws AlpharhoError port_in_use | config_invalid */
  async start(): Promise<{ port: number }> {
    const { host, port, logger } = this.options;
    this.server.maxConnections = maxConnections;
    this.server.setTimeout(idleMs);
    this.server.on('request', (request, response) => {
      this.answer(request, response).catch((error: unknown) => {
        if (!response.destroyed) logger.error({ err: error, url: request.url }, 'a request failed');
        if (response.headersSent) response.destroy();
        else sendJson(response, 500, { error: 'internal', message: 'the hub could not answer; its log says why' });
      });
    });
    return listen(this.server, host, port, 'the hub', 'ALPHARHO_HTTP_PORT');
  }

  /** Cuts what is under way: devices resume a download. */
  async stop(): Promise<void> {
    if (!this.server.listening) return;
    const closed = new Promise<void>((resolve) => this.server.close(() => resolve()));
    this.server.closeAllConnections();
    await closed;
  }

  private async answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const path = (request.url ?? '').split('?', 1)[0];
    const methods = path === enrolmentPath ? ['POST'] : ['GET', 'HEAD'];
    if (!methods.includes(request.method ?? '')) {
      response.setHeader('Allow', methods.join(', '));
      return sendJson(response, 405, { error: 'method_not_allowed', message: methods.join(' or ') });
    }
    if (path === enrolmentPath) return this.options.enrolment.answer(request, response);
    if (path === '/healthz') return sendJson(response, 200, { ok: true });
    const sha256 = /^\/models\/([0-9a-f]{64})$/.exec(path ?? '')?.[1];
    const blob = sha256 === undefined ? undefined : await this.options.blobs.find(sha256);
    if (blob === undefined)
      return sendJson(response, 404, { error: 'not_found', message: 'no such file; model files are /models/<sha256>' });
    await sendBlob(request, response, blob, this.hot);
  }
}

async function sendBlob(request: IncomingMessage, response: ServerResponse, blob: Blob, hot: HotBlobs): Promise<void> {
  const etag = `"${blob.sha256}"`;
  response.setHeader('ETag', etag);
  response.setHeader('Accept-Ranges', 'bytes');
  const cacheForEver = () => response.setHeader('Cache-Control', 'public, max-age=31536000, immutable');
  if (hasEtag(request.headers['if-none-match'], etag)) {
    cacheForEver();
    response.writeHead(304).end();
    return;
  }
  // If-Range of another version: the bytes that the client has are of another file.
  const ranged = request.headers['if-range'] === undefined || request.headers['if-range'] === etag;
  const range = parseRange(ranged ? request.headers.range : undefined, blob.size);
  if (range === 'unsatisfiable') {
    response.setHeader('Content-Range', `bytes */${blob.size}`);
    return sendJson(response, 416, { error: 'range_not_satisfiable', message: `the file has ${blob.size} bytes` });
  }
  cacheForEver();
  const part = range === 'whole' ? { start: 0, end: blob.size - 1 } : range;
  response.setHeader('Content-Type', 'application/octet-stream');
  response.setHeader('Content-Length', part.end - part.start + 1);
  if (range !== 'whole') response.setHeader('Content-Range', `bytes ${part.start}-${part.end}/${blob.size}`);
  response.writeHead(range === 'whole' ? 200 : 206);
  if (request.method === 'HEAD') response.end();
  else await sendPart(response, blob, part, hot);
}

/** A fleet fetches the same file at a time: from memory where there is room, which costs a quarter of reading it for each. */
async function sendPart(response: ServerResponse, blob: Blob, part: Range, hot: HotBlobs): Promise<void> {
  const held = await hot.hold(blob);
  if (held === undefined) return pipeline(blob.read(part), response);
  try {
    response.end(held.bytes.subarray(part.start, part.end + 1));
    await finished(response);
  } finally {
    held.release();
  }
}

function hasEtag(header: string | undefined, etag: string): boolean {
  const tags = header?.split(',').map((tag) => tag.trim().replace(/^W\//, '')) ?? [];
  return tags.includes(etag) || tags.includes('*');
}
