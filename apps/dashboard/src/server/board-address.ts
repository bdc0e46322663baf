/** @file Where boards reach the hub's HTTP port, as far as it can be told from here. Pure. */
import type { NetworkInterfaceInfo } from 'node:os';
import { type Config, isLoopback } from './config.ts';

export type BoardAddress = {
  url: string;
  /** Only this machine reaches it. */
  local: boolean;
};

type Interfaces = NodeJS.Dict<Pick<NetworkInterfaceInfo, 'address' | 'family' | 'internal'>[]>;

/**
 * @param interfaces of this machine
 * @param visited the host by which a person has just reached the dashboard on this machine: boards on that network know it too
 */
export function boardAddress(
  { host, httpPort, publicUrl }: Pick<Config, 'host' | 'httpPort' | 'publicUrl'>,
  interfaces: Interfaces,
  visited?: string | null,
): BoardAddress {
  if (publicUrl !== undefined) return { url: publicUrl, local: false };
  if (isLoopback(host)) return { url: httpUrl(host, httpPort), local: true };
  if (!isWildcard(host)) return { url: httpUrl(host, httpPort), local: false };
  const name = visited?.replace(/:\d+$/, '');
  if (name && !isLoopback(name.replace(/^\[|\]$/g, ''))) return { url: `http://${name}:${httpPort}`, local: false };
  const own = Object.values(interfaces)
    .flat()
    .find((each) => each !== undefined && !each.internal && each.family === 'IPv4');
  return own === undefined ? { url: httpUrl('127.0.0.1', httpPort), local: true } : { url: httpUrl(own.address, httpPort), local: false };
}

/** What a person types on the board. */
export function enrolCommand(url: string, token: string): string {
  return `npx alpharho-agent enroll ${url} --token ${token}`;
}

function isWildcard(host: string): boolean {
  return host === '0.0.0.0' || host === '::';
}

function httpUrl(host: string, port: number): string {
  return `http://${host.includes(':') ? `[${host}]` : host}:${port}`;
}
