/** @file How the hub's HTTP port answers in JSON. */
import type { ServerResponse } from 'node:http';

export function sendJson(response: ServerResponse, status: number, body: object): void {
  const payload = Buffer.from(JSON.stringify(body));
  response.writeHead(status, {
    'Content-Type': 'application/json',
    'Content-Length': payload.byteLength,
    'X-Content-Type-Options': 'nosniff',
  });
  response.end(payload);
}
