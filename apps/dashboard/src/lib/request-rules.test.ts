import { describe, expect, it } from 'vitest';
import { contentSecurityPolicy, isDecodable, isOwnName, isOwnPage } from './request-rules.ts';

describe('isOwnName', () => {
  it.each(['localhost:3000', '127.0.0.1:3000', '127.0.0.1', '[::1]:3000', 'LOCALHOST'])('answers to %s', (host) =>
    expect(isOwnName(host)).toBe(true),
  );
  it.each(['rebound.example:3000', '127.0.0.1.example:3000', 'localhost.example', '192.168.1.7:3000', '', null])(
    'does not answer to %s',
    (host) => expect(isOwnName(host)).toBe(false),
  );
});

describe('isOwnPage', () => {
  const host = '127.0.0.1:3000';
  it.each([
    ['a program', null, null, true],
    ['the dashboard', 'http://127.0.0.1:3000', 'same-origin', true],
    ['a form of another site', 'https://elsewhere.example', 'cross-site', false],
    ['another port of this machine', 'http://127.0.0.1:8080', 'same-site', false],
    ['an old browser on another site', 'https://elsewhere.example', null, false],
    ['a page without origin', 'null', null, false],
  ])('%s', (_, origin, fetchSite, allowed) => expect(isOwnPage({ origin, fetchSite, host })).toBe(allowed));
});

describe('contentSecurityPolicy', () => {
  it('lets only scripts with the nonce run, and evaluates nothing in a build', () => {
    const policy = contentSecurityPolicy('abc', false);
    expect(policy).toContain("script-src 'self' 'nonce-abc' 'strict-dynamic';");
    expect(policy).not.toContain('unsafe-eval');
    expect(policy).toContain("frame-ancestors 'none'");
  });
});

describe('isDecodable', () => {
  it('tells addresses that cannot be read', () => {
    expect(isDecodable('/devices/line-01')).toBe(true);
    expect(isDecodable('/devices/a%20b')).toBe(true);
    expect(isDecodable('/devices/%zz')).toBe(false);
  });
});
