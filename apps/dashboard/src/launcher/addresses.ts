/** @file Under which addresses the product's own processes reach each other. */
import { isIPv6 } from 'node:net';
import type { Config } from '../server/config.ts';

/** Listening on all addresses is reached, from the same machine, on loopback. */
const wildcards: Record<string, string> = { '0.0.0.0': '127.0.0.1', '::': '::1' };

export type Addresses = { dashboard: string; broker: string; hub: string };

/** URLs without a slash at their end. */
export function addresses(config: Pick<Config, 'host' | 'webPort' | 'mqttPort' | 'httpPort'>): Addresses {
  const reached = wildcards[config.host] ?? config.host;
  const host = isIPv6(reached) ? `[${reached}]` : reached;
  return {
    dashboard: `http://${host}:${config.webPort}`,
    broker: `mqtt://${host}:${config.mqttPort}`,
    hub: `http://${host}:${config.httpPort}`,
  };
}
