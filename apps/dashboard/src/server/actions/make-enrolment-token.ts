/** @file The browser's door to "let one board in". */
'use server';
import { deviceIdSchema } from '@alpharho/protocol';
import { z } from 'zod';
import { enrolCommand } from '../board-address.ts';
import { readBoardAddress } from '../queries/enrolment.ts';
import { database, logger } from '../queries/process-state.ts';
import { makeEnrolmentToken } from '../services/enrolment-tokens.ts';

const requestSchema = z.object({ name: deviceIdSchema.optional() });

export type TokenOutcome = { ok: true; id: string; command: string; expiresAt: number } | { ok: false; message: string };

/** @param input anything: it comes from a browser. @returns the token inside its command; it is told this once. */
export async function makeToken(input: unknown): Promise<TokenOutcome> {
  const request = requestSchema.safeParse(input);
  if (!request.success) return { ok: false, message: `Not done: ${request.error.issues[0]?.message ?? 'the request is not complete'}.` };
  try {
    const { id, token, expiresAt } = await makeEnrolmentToken(await database(), request.data, new Date());
    const { url } = await readBoardAddress();
    return { ok: true, id, command: enrolCommand(url, token), expiresAt: expiresAt.getTime() };
  } catch (error) {
    logger().error({ err: error }, 'making an enrolment token failed');
    return { ok: false, message: 'Not done: the database did not take it. Try again.' };
  }
}
