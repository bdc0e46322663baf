/** @file An HTTP camera: real JPEGs that ffmpeg made, one after the other, in whatever way a test wants them sent. */
import { execFile, spawn } from 'node:child_process';
import { readdir, readFile } from 'node:fs/promises';
import { createServer, type IncomingMessage, type RequestListener, type Server, type ServerResponse } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** Moving test pictures as JPEGs. */
export async function makeJpegs(folder: string, count: number, size = '640x480'): Promise<Buffer[]> {
  const source = `testsrc2=size=${size}:rate=25:duration=${count / 25}`;
  await run('ffmpeg', [
    '-hide_banner',
    '-loglevel',
    'error',
    '-f',
    'lavfi',
    '-i',
    source,
    '-q:v',
    '4',
    '-y',
    join(folder, `${size}-%03d.jpg`),
  ]);
  const names = (await readdir(folder)).filter((name) => name.startsWith(`${size}-`)).sort();
  return Promise.all(names.map((name) => readFile(join(folder, name))));
}

export type Behaviour = (request: IncomingMessage, response: ServerResponse) => void;

/** Its address stays the same while it is down. */
export class MjpegServer {
  /** What it does with a request; may change while it runs. */
  behaviour: Behaviour;
  requests: IncomingMessage[] = [];
  private readonly server: Server;

  constructor(behaviour: Behaviour, tls?: { key: Buffer; cert: Buffer }) {
    this.behaviour = behaviour;
    const listener: RequestListener = (request, response) => {
      this.requests.push(request);
      this.behaviour(request, response);
    };
    this.server = tls === undefined ? createServer(listener) : createTlsServer(tls, listener);
  }

  get host(): string {
    return `127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  async start(port = 0): Promise<number> {
    await new Promise<void>((resolve) => this.server.listen(port, '127.0.0.1', resolve));
    return (this.server.address() as AddressInfo).port;
  }

  /** Every connection breaks off. */
  cut(): void {
    this.server.closeAllConnections();
  }

  async stop(): Promise<void> {
    const closed = new Promise<void>((resolve) => this.server.close(() => resolve()));
    this.cut();
    await closed;
  }
}

export type Style = { readonly boundary?: string; readonly delimiter?: string; readonly lengths?: boolean; readonly rate?: number };

/** Sends the pictures again and again as multipart, as fast as `rate` says. */
export function multipart(jpegs: () => readonly Buffer[], style: Style = {}): Behaviour {
  const { boundary = 'frame', delimiter = `--${boundary}`, lengths = true, rate = 40 } = style;
  return (_request, response) => {
    response.writeHead(200, { 'content-type': `multipart/x-mixed-replace; boundary=${boundary}` });
    beat(response, rate, (index) => {
      const jpeg = jpegs()[index % jpegs().length] as Buffer;
      response.write(`${delimiter}\r\nContent-Type: image/jpeg\r\n${lengths ? `Content-Length: ${jpeg.length}\r\n` : ''}\r\n`);
      response.write(jpeg);
      response.write('\r\n');
    });
  };
}

/** Sends the pictures one right after the other. */
export function concatenated(jpegs: readonly Buffer[], rate = 40): Behaviour {
  return (_request, response) => {
    response.writeHead(200, { 'content-type': 'video/x-motion-jpeg' });
    beat(response, rate, (index) => response.write(jpegs[index % jpegs.length] as Buffer));
  };
}

/** What ffmpeg itself calls a multipart JPEG stream. */
export function ffmpegMultipart(): Behaviour {
  return (_request, response) => {
    response.writeHead(200, { 'content-type': 'multipart/x-mixed-replace;boundary=ffmpeg' });
    const source = ['-re', '-f', 'lavfi', '-i', 'testsrc2=size=320x240:rate=40'];
    const child = spawn('ffmpeg', ['-hide_banner', '-loglevel', 'error', ...source, '-f', 'mpjpeg', 'pipe:1'], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    child.stdout.pipe(response);
    response.on('close', () => child.kill('SIGKILL'));
  };
}

function beat(response: ServerResponse, rate: number, tick: (index: number) => void): void {
  let index = 0;
  const timer = setInterval(() => {
    tick(index);
    index += 1;
  }, 1000 / rate);
  response.on('close', () => clearInterval(timer));
}
