/** @file An HTTP server of model files, as a hub is one, that can be told to misbehave. */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

export type Misbehaviour = {
  /** Answers with this status. */
  status?: number;
  /** Cuts the connection after so many bytes. */
  cutAfter?: number;
  /** Knows no ranges. */
  ignoresRanges?: boolean;
  /** Sends these bytes instead. */
  bytes?: Uint8Array;
  /** Sends so many bytes at a time, and no more than that. */
  trickle?: { readonly bytes: number; readonly everyMs: number };
  /** Goes on and on behind the end, and says nothing of the length. */
  endless?: boolean;
  /** Says nothing of the length. */
  hidesLength?: boolean;
  /** Wants this user and password, `user:password`. */
  credentials?: string;
  /** Never answers. */
  hangs?: boolean;
};

export async function startModelServer(files: ReadonlyMap<string, Uint8Array>) {
  const misbehaviour: Misbehaviour = {};
  const ranges: (string | undefined)[] = [];
  const server = createServer((request, response) => answer(request, response));
  const answer = (request: IncomingMessage, response: ServerResponse): void => {
    ranges.push(request.headers.range);
    const { status, cutAfter, ignoresRanges, hidesLength, hangs, credentials, trickle, endless } = misbehaviour;
    if (hangs) return;
    if (credentials !== undefined && request.headers.authorization !== `Basic ${Buffer.from(credentials).toString('base64')}`) {
      response.writeHead(401).end();
      return;
    }
    const bytes = misbehaviour.bytes ?? files.get(request.url?.split('/').pop() ?? '');
    if (status !== undefined || bytes === undefined) {
      response.writeHead(status ?? 404).end();
      return;
    }
    const from = ignoresRanges ? 0 : Number(/^bytes=(\d+)-$/.exec(request.headers.range ?? '')?.[1] ?? 0);
    const body = bytes.subarray(from);
    response.statusCode = from > 0 ? 206 : 200;
    if (from > 0) response.setHeader('content-range', `bytes ${from}-${bytes.length - 1}/${bytes.length}`);
    if (!hidesLength && !endless) response.setHeader('content-length', body.length);
    if (endless) pourOn(response, body);
    else if (trickle !== undefined) drip(response, body, trickle);
    else if (cutAfter === undefined) response.end(body);
    else response.write(body.subarray(0, cutAfter), () => response.socket?.destroy());
  };
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const stop = (): Promise<void> =>
    new Promise((resolve) => {
      server.close(() => resolve());
      server.closeAllConnections();
    });
  return { misbehaviour, ranges, url: new URL(`http://127.0.0.1:${port}`), stop };
}

function drip(response: ServerResponse, body: Uint8Array, { bytes, everyMs }: NonNullable<Misbehaviour['trickle']>): void {
  let at = 0;
  const timer = setInterval(() => {
    response.write(body.subarray(at, at + bytes));
    at += bytes;
  }, everyMs);
  response.on('close', () => clearInterval(timer));
}

function pourOn(response: ServerResponse, body: Uint8Array): void {
  const more = (): void => {
    if (!response.destroyed) response.write(Buffer.alloc(10_000), more);
  };
  response.write(body, more);
}
