/** @file `alpharho-agent status`: what the agent that runs on this machine does. */
import { AlpharhoError } from '@alpharho/protocol';
import type { Status } from '../domain/status.ts';
import { askStatus } from '../io/status/status-client.ts';
import type { GivenSettings } from '../settings/given.ts';
import { print, printJson, warn } from './print.ts';

/** As systemctl has it. */
const exitNotRunning = 3;

export type StatusOptions = { readonly json: boolean; readonly live: boolean };

/** @returns 0 where all is well, 1 where something is not, 3 where none runs */
export async function showStatus({ resolved, warnings }: GivenSettings, { json, live }: StatusOptions): Promise<number> {
  const { statusPort } = resolved.values;
  if (statusPort === 0) throw new AlpharhoError('config_invalid', '--status-port 0 is off: an agent with it cannot be asked');
  const status = await askStatus(statusPort);
  if (status === undefined) {
    warn([...warnings, `no agent runs here: nothing listens on 127.0.0.1:${statusPort}; start one with "alpharho-agent run"`]);
    return exitNotRunning;
  }
  if (json) printJson(status);
  else print(...statusLines(status));
  return (live ? status.health.live : status.health.ready) ? 0 : 1;
}

/** For people. */
export function statusLines(status: Status): string[] {
  const { health, hub, variant, update, frames, outbox, system } = status;
  const dropped = Object.entries(frames.dropped).filter(([, count]) => count > 0);
  const rows: [string, string][] = [
    ['camera', status.camera],
    ['variant', variant === undefined ? 'none yet' : `${variant.name} (${variant.sha256.slice(0, 12)})`],
    ...(update === undefined ? [] : [['update', `${update.phase}, revision ${update.revision}`] as [string, string]]),
    ['hub', `${hub.address}, ${hub.connected ? 'connected' : 'not connected'}`],
    ['frames', `${status.framesPerSecond.toFixed(1)} a second; ${frames.classified} classified since the start`],
    ...(dropped.length === 0 ? [] : [['dropped', dropped.map(([reason, count]) => `${count} ${reason}`).join(', ')] as [string, string]]),
    ...(status.latency.total === undefined ? [] : [['latency', latencyText(status.latency.total)] as [string, string]]),
    ...(status.inference === undefined ? [] : [['runs on', inferenceText(status.inference)] as [string, string]]),
    ...(status.governor === undefined ? [] : [['governor', governorText(status.governor)] as [string, string]]),
    ['outbox', outboxText(outbox)],
    ['board', boardText(system)],
    ['up', durationText(status.uptimeSeconds)],
  ];
  const verdict = health.ready ? 'all is well' : health.live ? 'works, but not all is well' : 'hangs';
  return [
    `alpharho-agent ${status.version} as ${status.id}, process ${status.pid}: ${verdict}`,
    ...health.checks.filter(({ ok }) => !ok).map(({ name, reason }) => `  ! ${name}: ${reason}`),
    ...rows.map(([name, text]) => `  ${name.padEnd(8)} ${text}`),
  ];
}

function inferenceText({ provider, threads, precision }: NonNullable<Status['inference']>): string {
  return `${provider}, ${threads} ${threads === 1 ? 'thread' : 'threads'}, ${precision}`;
}

function governorText({ rho, rate, step, of, reason }: NonNullable<Status['governor']>): string {
  const through = rate === undefined ? '' : `, ${rate} frames/s let through`;
  return `ρ ${rho}${through}; step ${step} of ${of}${reason === undefined ? '' : `: ${reason}`}`;
}

function outboxText({ entries, bytes, dropped }: Status['outbox']): string {
  const waiting = entries === 0 ? 'nothing waits for the hub' : `${entries} wait for the hub, ${sizeText(bytes)}`;
  const lost = Object.entries(dropped).map(([stream, count]) => `${count} ${stream}`);
  return lost.length === 0 ? waiting : `${waiting}; given up: ${lost.join(', ')}`;
}

function sizeText(bytes: number): string {
  return bytes < 1e6 ? `${Math.ceil(bytes / 1e3)} kB` : `${(bytes / 1e6).toFixed(1)} MB`;
}

function latencyText({ p50, p95, p99 }: { p50: number; p95: number; p99: number }): string {
  return `${[p50, p95, p99].map((ms) => ms.toFixed(1)).join(' / ')} ms (p50 / p95 / p99, captured to answered, last seconds)`;
}

function boardText({ memoryBytes, temperature, diskFreeBytes }: Status['system']): string {
  const parts = [`${Math.round(memoryBytes / 1e6)} MB of memory`];
  if (temperature !== undefined) parts.push(`${temperature.toFixed(1)} °C`);
  if (diskFreeBytes !== undefined) parts.push(`${(diskFreeBytes / 1e9).toFixed(1)} GB of disk free`);
  return parts.join(', ');
}

function durationText(seconds: number): string {
  const minutes = Math.floor(seconds / 60);
  if (minutes < 1) return `${Math.floor(seconds)} s`;
  const [days, hours] = [Math.floor(minutes / 1440), Math.floor(minutes / 60) % 24];
  return [days > 0 ? `${days} d` : '', days + hours > 0 ? `${hours} h` : '', `${minutes % 60} min`].filter((part) => part !== '').join(' ');
}
