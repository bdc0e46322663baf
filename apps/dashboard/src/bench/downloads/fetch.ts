/** @file Downloads as a bench wants them: a bare socket that reads into one buffer again and again, so that the client costs little. */
import { createHash, type Hash } from 'node:crypto';
import { connect } from 'node:net';

const bufferBytes = 256 * 1024;
const headEnd = Buffer.from('\r\n\r\n');

export type Download = { port: number; path: string; bytes: number /** Whether the bytes are hashed, as a device does. */; hash?: boolean };

/** @returns the SHA-256 where it was asked for. @throws where it is not 200, or not as many bytes as promised */
export function fetchBytes({ port, path, bytes, hash = false }: Download): Promise<string | undefined> {
  return new Promise((resolve, reject) => {
    const body = new Body(hash ? createHash('sha256') : undefined);
    const socket = connect({
      port,
      host: '127.0.0.1',
      onread: {
        buffer: Buffer.allocUnsafe(bufferBytes),
        callback: (length, buffer) => {
          body.take(Buffer.from(buffer.buffer, buffer.byteOffset, length));
          if (body.bytes >= bytes) socket.end();
          return true;
        },
      },
    });
    socket.on('connect', () => socket.write(`GET ${path} HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n`));
    socket.on('error', reject);
    socket.on('close', () => {
      if (body.status === 200 && body.bytes === bytes) resolve(body.hash?.digest('hex'));
      else reject(new Error(`${path} on port ${port}: status ${body.status}, ${body.bytes} of ${bytes} bytes`));
    });
  });
}

class Body {
  readonly hash: Hash | undefined;
  bytes = 0;
  status = 0;
  private head: Buffer | undefined = Buffer.alloc(0);

  constructor(hash: Hash | undefined) {
    this.hash = hash;
  }

  take(part: Buffer): void {
    const rest = this.head === undefined ? part : this.afterHead(Buffer.concat([this.head, part]));
    this.bytes += rest.length;
    this.hash?.update(rest);
  }

  private afterHead(seen: Buffer): Buffer {
    const end = seen.indexOf(headEnd);
    this.head = end < 0 ? seen : undefined;
    if (end < 0) return seen.subarray(seen.length);
    this.status = Number(seen.subarray(9, 12).toString());
    return seen.subarray(end + headEnd.length);
  }
}
