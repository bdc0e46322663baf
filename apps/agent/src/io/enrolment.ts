/** @file Trades a token for a place in a hub's fleet: one request to the hub's HTTP port. */
import {
  AlpharhoError,
  type EnrolmentAnswer,
  type EnrolmentRequest,
  type ErrorCode,
  enrolmentAnswerSchema,
  enrolmentErrorSchema,
  enrolmentPath,
  errorCodeSchema,
  maxEnrolmentBytes,
} from '@alpharho/protocol';
import { parseJson, readText, requestOf } from './system/http.ts';

const timeoutMs = 15_000;

/** @param hub its HTTP address. @throws AlpharhoError broker_unreachable where nobody answers, else the hub's own code */
export async function requestEnrolment(hub: URL, request: EnrolmentRequest): Promise<EnrolmentAnswer> {
  const url = new URL(enrolmentPath, hub);
  const { status, body } = await post(url, JSON.stringify(request));
  if (status === 201) {
    const answer = enrolmentAnswerSchema.safeParse(body);
    if (answer.success) return answer.data;
    throw new AlpharhoError(
      'version_unsupported',
      `${url.origin} took the token, and its answer is not one that this agent knows; update the older side`,
    );
  }
  throw refusal(url, status, body);
}

function refusal(url: URL, status: number, body: unknown): AlpharhoError {
  const refused = enrolmentErrorSchema.safeParse(body);
  if (!refused.success) {
    return new AlpharhoError(
      'config_invalid',
      `${url.origin} is no Alpharho hub: it answers ${status}; give the address that the dashboard shows, like http://hub.local:1880`,
    );
  }
  const code = errorCodeSchema.safeParse(refused.data.error);
  const known: ErrorCode = code.success ? code.data : 'config_invalid';
  return new AlpharhoError(known, `the hub refuses: ${refused.data.message}`);
}

async function post(url: URL, body: string): Promise<{ status: number; body: unknown }> {
  try {
    const signal = AbortSignal.timeout(timeoutMs);
    const { url: plain, headers } = requestOf(url);
    const sent = { ...headers, 'content-type': 'application/json' };
    const response = await fetch(plain, { method: 'POST', headers: sent, body, redirect: 'error', signal });
    return { status: response.status, body: parseJson(await readText(response, maxEnrolmentBytes)) };
  } catch (error) {
    const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error;
    const reason =
      cause instanceof Error && cause.name === 'TimeoutError'
        ? `no answer within ${timeoutMs / 1000} s`
        : cause instanceof Error
          ? cause.message
          : String(cause);
    throw new AlpharhoError('broker_unreachable', `${url.origin} cannot be reached (${reason}); check the address, and that the hub runs`, {
      cause: error,
    });
  }
}
