/** @file A way to the broker that can freeze: connections stand, and nothing comes through. As a half-open connection, or a broker under SIGSTOP. */
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';

export type ProxyOptions = {
  /** Of the broker behind it; without one nothing ever answers. */
  readonly port?: number;
  /** Without a broker: whether the connection itself is accepted. */
  readonly answers?: 'never' | 'connack';
};

/** CONNACK: accepted, no session (MQTT-3.2). */
const connack = Buffer.from([0x20, 0x02, 0x00, 0x00]);

export class FrozenProxy {
  connections = 0;
  port = 0;
  private readonly options: ProxyOptions;
  private readonly sockets = new Set<Socket>();
  private frozen = false;
  private server: Server | undefined;

  private constructor(options: ProxyOptions) {
    this.options = options;
  }

  static async start(options: ProxyOptions): Promise<FrozenProxy> {
    const proxy = new FrozenProxy(options);
    const server = createServer((socket) => proxy.take(socket));
    proxy.server = server;
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    proxy.port = (server.address() as AddressInfo).port;
    return proxy;
  }

  get url(): string {
    return `mqtt://127.0.0.1:${this.port}`;
  }

  /** Connections that stand stay, and say nothing more, even after `thaw`. */
  freeze(): void {
    this.frozen = true;
    for (const socket of this.sockets) {
      socket.unpipe();
      socket.resume();
    }
  }

  /** New connections go through. */
  thaw(): void {
    this.frozen = false;
  }

  /** Every connection breaks. */
  cut(): void {
    for (const socket of this.sockets) socket.destroy();
  }

  async stop(): Promise<void> {
    this.cut();
    await new Promise<void>((resolve) => (this.server === undefined ? resolve() : this.server.close(() => resolve())));
  }

  private take(socket: Socket): void {
    this.connections += 1;
    this.keep(socket);
    const { port, answers } = this.options;
    if (port === undefined || this.frozen) {
      socket.once('data', () => {
        if (answers === 'connack') socket.write(connack);
        socket.resume();
      });
      return;
    }
    const broker = connect(port, '127.0.0.1');
    this.keep(broker);
    socket.pipe(broker);
    broker.pipe(socket);
    socket.on('close', () => broker.destroy());
    // A frozen way does not let the end of the other side through either.
    broker.on('close', () => {
      if (!this.frozen) socket.destroy();
    });
  }

  private keep(socket: Socket): void {
    this.sockets.add(socket);
    socket.on('close', () => this.sockets.delete(socket));
    socket.on('error', () => undefined);
  }
}
