/** @file Use case: a board shows its token and becomes a device. */
import type { Database, EnrolmentToken } from '@alpharho/db';
import { AlpharhoError, type EnrolmentRequest, hardwareClass } from '@alpharho/protocol';
import { findToken } from './enrolment-tokens.ts';
import { raiseChanges } from './raise-changes.ts';

type Transaction = Pick<Database, 'device' | 'deviceEvent' | 'enrolmentToken' | '$executeRaw'>;

/** A number is added to a name that is taken: this is what is left for the name. */
const longestStem = 58;
const mostOfOneName = 10_000;

/**
 * Uses the token up and enters the device, in one transaction: of two boards with one token, one gets in.
 * @returns the device's name
 * @throws AlpharhoError enrolment_token_unknown | enrolment_token_used | enrolment_token_expired | device_taken | device_name_differs.
 * The token is not used up then.
 */
export async function enrolDevice(db: Database, request: EnrolmentRequest, now: Date): Promise<string> {
  return db.$transaction(async (tx) => {
    const token = await usableToken(tx, request.token, now);
    const id = await nameFor(tx, token, request);
    const { model, arch, cores, memoryBytes } = request.hardware;
    const hardware = { boardModel: model, arch, cores, memoryBytes, hardwareClass: hardwareClass(request.hardware) };
    const facts = { ...hardware, agentVersion: request.agent.version };
    await tx.device.upsert({ where: { id }, create: { id, createdAt: now, ...facts }, update: {} });
    await tx.enrolmentToken.update({ where: { id: token.id }, data: { usedAt: now, deviceId: id } });
    await tx.deviceEvent.create({ data: { deviceId: id, at: now, kind: 'enrolled', message: `Enrolled, on ${model}` } });
    await raiseChanges(tx, ['fleet', `device:${id}`]);
    return id;
  });
}

async function usableToken(tx: Transaction, secret: string, now: Date): Promise<EnrolmentToken> {
  const token = await findToken(tx, secret);
  if (token === undefined) {
    throw new AlpharhoError('enrolment_token_unknown', 'the hub has no such enrolment token; copy it whole, or make another one');
  }
  if (token.usedAt !== null) {
    const whose = token.deviceId === null ? '' : `, by ${token.deviceId}`;
    throw new AlpharhoError('enrolment_token_used', `this enrolment token has been used${whose}; each works once, make another one`);
  }
  if (token.expiresAt <= now) {
    throw new AlpharhoError(
      'enrolment_token_expired',
      `this enrolment token was good until ${token.expiresAt.toISOString()}; make another one`,
    );
  }
  return token;
}

async function nameFor(tx: Transaction, { name }: EnrolmentToken, { id, hostname }: EnrolmentRequest): Promise<string> {
  if (name !== null) {
    if (id === undefined || id === name) return name;
    throw new AlpharhoError(
      'device_name_differs',
      `this enrolment token is for the name ${name}, not ${id}; leave --id away, or give that name`,
    );
  }
  if (id === undefined) return freeName(tx, hostname ?? 'device');
  if ((await tx.device.count({ where: { id } })) === 0) return id;
  throw new AlpharhoError(
    'device_taken',
    `the name ${id} is taken; choose another one, or make a token for this name if the board is to take its place`,
  );
}

/** Boards that were set up from one image have one host name: raspberrypi, raspberrypi-2, … */
async function freeName(tx: Transaction, wanted: string): Promise<string> {
  const stem = wanted.slice(0, longestStem);
  const rows = await tx.device.findMany({ where: { id: { startsWith: stem } }, select: { id: true } });
  const taken = new Set(rows.map(({ id }) => id));
  if (!taken.has(wanted)) return wanted;
  for (let number = 2; number < mostOfOneName; number += 1) if (!taken.has(`${stem}-${number}`)) return `${stem}-${number}`;
  throw new AlpharhoError('device_taken', `the name ${wanted} is taken, with every number after it; choose one with --id`);
}
