import { expect, it } from 'vitest';
import { enrolmentState } from './enrolment-facts.ts';

it('a token is waited for, used or over, and its device heard once it has spoken after that', () => {
  const token = { id: 'a', name: null, expiresAt: 1000, usedAt: null, deviceId: null, heardAt: null };
  expect(enrolmentState(token, 999)).toBe('waiting');
  expect(enrolmentState(token, 1000)).toBe('expired');
  const used = { ...token, usedAt: 500, deviceId: 'quay-01' };
  expect(enrolmentState(used, 2000)).toBe('enrolled');
  expect(enrolmentState({ ...used, heardAt: 499 }, 2000)).toBe('enrolled');
  expect(enrolmentState({ ...used, heardAt: 500 }, 2000)).toBe('heard');
});
