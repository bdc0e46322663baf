/** @file The agent's log on stderr: one plain line each for people, or pino's JSON for collectors. */
import { pino } from 'pino';
import type { Log } from '../../domain/ports.ts';

export const logLevels = ['debug', 'info', 'warn', 'error'] as const;
export type LogLevel = (typeof logLevels)[number];

export type LogOptions = {
  readonly level: LogLevel;
  readonly json: boolean;
  /** Stands in every JSON line. */
  readonly device: string;
  readonly write: (line: string) => void;
};

export function createLog({ level, json, device, write }: LogOptions): Log {
  const stream = { write: json ? write : (line: string) => write(plain(line)) };
  return pino({ level, base: { device }, formatters: { level: (label) => ({ level: label }) } }, stream);
}

/** `2026-01-31 12:00:00.000 warn  broker … is out of reach` */
function plain(line: string): string {
  const { time, level, msg } = JSON.parse(line) as { time: number; level: string; msg: string };
  const at = new Date(time).toISOString().replace('T', ' ').slice(0, -1);
  return `${at} ${level.padEnd(5)} ${msg.replaceAll('\n', ' ')}\n`;
}
