/** @file The loopback port: /healthz and /readyz for supervisors, /metrics for Prometheus, /status for `alpharho-agent status`. */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Health } from '../../domain/health.ts';
import { metricsType } from '../../domain/metrics-text.ts';
import type { Log } from '../../domain/ports.ts';
import { systemCode } from '../system/disk-error.ts';

const loopback = '127.0.0.1';
/** Someone who sends his request more slowly than this is no scraper. */
const patienceMs = 5000;

export type StatusServerOptions = {
  /** 0 takes any free one. */
  readonly port: number;
  readonly health: () => Promise<Health>;
  /** The status as JSON. */
  readonly status: () => Promise<object>;
  /** In Prometheus' text format. */
  readonly metrics: () => Promise<string>;
  readonly log: Log;
};

type Answer = { readonly code: number; readonly type: string; readonly body: string };

/** Never the agent's end: a port that is taken costs only the port. */
export class StatusServer {
  private readonly options: StatusServerOptions;
  private server: Server | undefined;

  constructor(options: StatusServerOptions) {
    this.options = options;
  }

  /** @returns the port that it listens on; undefined where it is taken */
  async start(): Promise<number | undefined> {
    const { port, log } = this.options;
    const server = createServer(
      { requestTimeout: patienceMs, headersTimeout: patienceMs },
      (request, response) => void this.respond(request, response),
    );
    try {
      await new Promise<void>((resolve, reject) => {
        server.once('error', reject);
        server.listen(port, loopback, resolve);
      });
    } catch (error) {
      const why = systemCode(error) === 'EADDRINUSE' ? 'another program listens there' : String(error);
      log.warn(`no status, health and metrics on ${loopback}:${port}: ${why}; choose another --status-port, or 0 for none`);
      return undefined;
    }
    server.on('error', (error) => log.warn(`status port: ${error.message}`));
    this.server = server;
    return (server.address() as AddressInfo).port;
  }

  async stop(): Promise<void> {
    const { server } = this;
    if (server === undefined) return;
    const closed = new Promise<void>((resolve) => server.close(() => resolve()));
    server.closeAllConnections();
    await closed;
  }

  private async respond(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { code, type, body } = await this.answer(request).catch((error: unknown): Answer => {
      this.options.log.warn(`status port: ${String(error)}`);
      return plain(500, 'internal fault; see the log');
    });
    response.writeHead(code, { 'content-type': type, 'cache-control': 'no-store', 'content-length': Buffer.byteLength(body) });
    response.end(request.method === 'HEAD' ? undefined : body);
  }

  private async answer(request: IncomingMessage): Promise<Answer> {
    // A page in a browser on this machine reaches loopback under a name of its own choice; programs use the address.
    if (!/^(127\.0\.0\.1|localhost)(:\d+)?$/.test(request.headers.host ?? '')) return plain(421, 'ask for 127.0.0.1 or localhost');
    if (request.method !== 'GET' && request.method !== 'HEAD') return plain(405, 'GET or HEAD');
    switch (request.url?.split('?')[0]) {
      case '/healthz': {
        const health = await this.options.health();
        return json(health.live ? 200 : 503, health);
      }
      case '/readyz': {
        const health = await this.options.health();
        return json(health.ready ? 200 : 503, health);
      }
      case '/metrics':
        return { code: 200, type: metricsType, body: await this.options.metrics() };
      case '/status':
        return json(200, await this.options.status());
      default:
        return plain(404, '/healthz, /readyz, /metrics and /status are here');
    }
  }
}

function plain(code: number, text: string): Answer {
  return { code, type: 'text/plain; charset=utf-8', body: `${text}\n` };
}

function json(code: number, value: object): Answer {
  return { code, type: 'application/json', body: `${JSON.stringify(value)}\n` };
}
