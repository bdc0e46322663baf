/** @file Asks the agent that runs on this machine. */
import { AlpharhoError } from '@alpharho/protocol';
import { type Status, statusSchema } from '../../domain/status.ts';
import { parseJson, readText } from '../system/http.ts';

const timeoutMs = 5000;
const maxBytes = 256 * 1024;

/** @returns undefined where nobody listens on the port. @throws AlpharhoError port_in_use where someone else does */
export async function askStatus(port: number): Promise<Status | undefined> {
  const foreign = (what: string, cause?: unknown): AlpharhoError =>
    new AlpharhoError('port_in_use', `what listens on 127.0.0.1:${port} is no alpharho-agent of this version: ${what}`, { cause });
  const response = await fetch(`http://127.0.0.1:${port}/status`, { signal: AbortSignal.timeout(timeoutMs) }).catch((error: unknown) => {
    if (isRefused(error)) return undefined;
    throw foreign(
      error instanceof Error && error.name === 'TimeoutError' ? `no answer within ${timeoutMs / 1000} s` : 'it does not speak HTTP',
      error,
    );
  });
  if (response === undefined) return undefined;
  if (!response.ok) throw foreign(`it answers ${response.status}`);
  const text = await readText(response, maxBytes).catch(() => undefined);
  if (text === undefined) throw foreign(`its answer breaks off, or is longer than ${maxBytes} bytes`);
  const answer = parseJson(text);
  if (answer === undefined) throw foreign('its answer is not JSON');
  const parsed = statusSchema.safeParse(answer);
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    throw foreign([issue?.path.join('.'), issue?.message].filter(Boolean).join(': '));
  }
  return parsed.data;
}

function isRefused(error: unknown): boolean {
  const cause = error instanceof Error ? error.cause : undefined;
  return cause instanceof Error && 'code' in cause && cause.code === 'ECONNREFUSED';
}
