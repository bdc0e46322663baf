/**
 * @file What mqtt keeps of what it sends. mqtt-packet remembers four bytes for each length of message that it ever wrote, for good
 * (github.com/mqttjs/mqtt-packet/issues/163). Cut from Node's pool, each of them holds the 8 KB around it: up to 128 MB, slowly.
 */

/** @param send writes its message before it returns @returns what `send` does; nothing that it allocates comes from the pool */
export function unpooled<T>(send: () => T): T {
  const { poolSize } = Buffer;
  Buffer.poolSize = 0;
  try {
    return send();
  } finally {
    Buffer.poolSize = poolSize;
  }
}
