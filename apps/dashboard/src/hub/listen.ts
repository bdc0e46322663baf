/** @file Listening, with words for what goes wrong. */
import type { AddressInfo, Server } from 'node:net';
import { AlpharhoError } from '@alpharho/protocol';

/**
 * @param what who wants to listen, for the message
 * @param setting the environment variable that moves the port
 * @throws AlpharhoError port_in_use | config_invalid
 */
export async function listen(server: Server, host: string, port: number, what: string, setting: string): Promise<{ port: number }> {
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen({ host, port }, () => {
      server.off('error', reject);
      resolve();
    });
  }).catch((error: NodeJS.ErrnoException) => {
    throw explain(error, `${host}:${port}`, what, setting);
  });
  return { port: (server.address() as AddressInfo).port };
}

function explain(error: NodeJS.ErrnoException, address: string, what: string, setting: string): AlpharhoError {
  if (error.code === 'EADDRINUSE') {
    return new AlpharhoError('port_in_use', `${what} cannot listen on ${address}: another program does; stop it or set ${setting}`, {
      cause: error,
    });
  }
  return new AlpharhoError('config_invalid', `${what} cannot listen on ${address}: ${error.code}; set ALPHARHO_HOST or ${setting}`, {
    cause: error,
  });
}
