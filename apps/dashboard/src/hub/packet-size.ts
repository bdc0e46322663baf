/** @file A cap on MQTT packets, before they are gathered in memory: aedes' parser has none below the protocol's 256 MB. */
import type { Socket } from 'node:net';

/** Reads along with the parser and knows, from each packet's fixed header, how long it wants to be (MQTT 3.1.1, 2.2.3). */
export class PacketSizes {
  private readonly maxBytes: number;
  /** Of the packet's body, still to come. */
  private rest = 0;
  private length = 0;
  private shift = 0;
  private place: 'type' | 'length' | 'body' = 'type';

  constructor(maxBytes: number) {
    this.maxBytes = maxBytes;
  }

  /** @returns false where a packet is too long, or its length is not one; the connection is of no use then. */
  admits(chunk: Uint8Array): boolean {
    let at = 0;
    while (at < chunk.length) {
      if (this.place === 'body') {
        const step = Math.min(this.rest, chunk.length - at);
        at += step;
        this.rest -= step;
        if (this.rest === 0) this.place = 'type';
      } else if (this.place === 'type') {
        at += 1;
        this.length = 0;
        this.shift = 0;
        this.place = 'length';
      } else {
        const byte = chunk[at] ?? 0;
        at += 1;
        this.length += (byte & 0x7f) * 2 ** this.shift;
        this.shift += 7;
        if (this.length > this.maxBytes || (byte >= 0x80 && this.shift === 28)) return false;
        if (byte < 0x80) this.begin();
      }
    }
    return true;
  }

  private begin(): void {
    this.rest = this.length;
    this.place = this.rest === 0 ? 'type' : 'body';
  }
}

/** Ends `socket` when a packet above `maxBytes` begins on it. Call it before the broker takes the socket. */
export function limitPackets(socket: Socket, maxBytes: number): void {
  const sizes = new PacketSizes(maxBytes);
  const read = socket.read.bind(socket);
  // aedes takes everything through read(); a stream in between would cost a copy of every byte.
  socket.read = (size?: number) => {
    const chunk: unknown = read(size);
    if (chunk instanceof Uint8Array && !sizes.admits(chunk)) {
      socket.destroy(new Error(`packet above ${maxBytes} bytes`));
      return null;
    }
    return chunk;
  };
}
