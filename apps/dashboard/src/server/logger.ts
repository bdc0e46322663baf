/** @file The log of hub and pages: JSON lines on standard output, for whoever runs them. What people should see are device events. */
import { pino } from 'pino';

export type Logger = {
  info: (facts: object, message: string) => void;
  warn: (facts: object, message: string) => void;
  error: (facts: object, message: string) => void;
};

export function createLogger(name: 'hub' | 'web'): Logger {
  return pino({ name, base: undefined, timestamp: pino.stdTimeFunctions.isoTime });
}
