import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, it } from 'vitest';

const script = fileURLToPath(new URL('count-tests.mjs', import.meta.url));
let folder = '';

const vitest = (tests, { status = 'passed', success = true, message = '' } = {}) => ({
  success,
  testResults: [
    {
      name: join(folder, 'src', 'a.test.ts'),
      status,
      message,
      assertionResults: tests.map(([state, failure], index) => ({
        fullName: `group ${state} ${index}`,
        status: state,
        failureMessages: failure === undefined ? [] : [failure],
      })),
    },
  ],
});
const playwright = (tests, errors = []) => ({
  stats: {},
  errors,
  suites: [
    {
      title: 'fleet.spec.ts',
      specs: [],
      suites: [{ title: 'the page', specs: tests.map(([status, title, results = []]) => ({ title, tests: [{ status, results }] })) }],
    },
  ],
});
const many = (count, state) => Array.from({ length: count }, () => [state]);

const writeReports = () => ({
  'green.json': vitest([...many(5, 'passed'), ...many(2, 'skipped'), ['todo']]),
  'red.json': vitest([...many(5, 'passed'), ['failed', '\u001b[31m\nError: waited 15000 ms\u001b[39m\n    at a.ts:3']], { success: false }),
  'suite.json': vitest([], { status: 'failed', success: false, message: 'Cannot find module "x"\nat b' }),
  'unhandled.json': vitest(many(5, 'passed'), { success: false }),
  'browser.json': playwright([...['a', 'b', 'c'].map((title) => ['expected', title]), ['skipped', 'on a phone']]),
  'flaky.json': playwright(
    [
      ['unexpected', 'opens', [{}, { error: { message: 'Error: no such button' } }]],
      ['flaky', 'closes', [{ error: { message: 'Error: too late' } }, {}]],
    ],
    [{ message: 'no browser' }],
  ),
  'none.json': vitest([['skipped']]),
  'drowned.json': vitest([['passed'], ...many(400, 'skipped'), ...many(400, 'failed')], { success: false }),
});

/** Exit code and lines. */
function count(...reports) {
  return new Promise((resolve) => {
    execFile(process.execPath, [script, ...reports], { cwd: folder }, (error, stdout) => {
      resolve([error?.code ?? 0, stdout.trimEnd().split('\n')]);
    });
  });
}

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'count-tests-'));
  for (const [name, report] of Object.entries(writeReports())) await writeFile(join(folder, name), JSON.stringify(report));
  await writeFile(join(folder, 'cut.json'), '{"success":');
});

afterAll(async () => {
  await rm(folder, { recursive: true, force: true });
});

it.each([
  ['adds up what the runners say', ['green.json', 'browser.json'], 0, '8 passed, 0 failed, 4 skipped'],
  ['fails with a failed test', ['green.json', 'red.json'], 1, '10 passed, 1 failed, 3 skipped'],
  ['counts suites that broke before their first test', ['green.json', 'suite.json'], 1, '5 passed, 1 failed, 3 skipped'],
  ['counts an error outside of any test', ['unhandled.json'], 1, '5 passed, 1 failed, 0 skipped'],
  ['counts flaky tests and a browser that never started as failures', ['flaky.json'], 1, '0 passed, 3 failed, 0 skipped'],
  ['counts a missing report as a failure', ['green.json', 'missing.json'], 1, '5 passed, 1 failed, 3 skipped'],
  ['counts a report that was cut short as a failure', ['green.json', 'cut.json'], 1, '5 passed, 1 failed, 3 skipped'],
  ['fails where nothing passed', ['none.json'], 1, '0 passed, 0 failed, 1 skipped'],
])('%s', async (_, names, code, line) => {
  const [exit, lines] = await count(...names);
  expect([exit, lines.at(-1)]).toEqual([code, line]);
});

it('names what was skipped and what failed, and why, before the totals', async () => {
  const [, lines] = await count('red.json', 'browser.json', 'flaky.json', 'suite.json', 'unhandled.json', 'missing.json');
  expect(lines).toEqual([
    'skipped: fleet.spec.ts › the page › on a phone',
    'failed: src/a.test.ts: group failed 5',
    '    Error: waited 15000 ms',
    'failed: outside of any test',
    '    no browser',
    'failed: fleet.spec.ts › the page › opens',
    '    Error: no such button',
    'failed: fleet.spec.ts › the page › closes (flaky)',
    '    Error: too late',
    'failed: src/a.test.ts',
    '    Cannot find module "x"',
    'failed: unhandled.json: an error outside of any test',
    'failed: missing.json',
    '    no such report; its runner did not come to an end',
    'red.json: 5 passed, 1 failed, 0 skipped',
    'browser.json: 3 passed, 0 failed, 1 skipped',
    'flaky.json: 0 passed, 3 failed, 0 skipped',
    'suite.json: 0 passed, 1 failed, 0 skipped',
    'unhandled.json: 5 passed, 1 failed, 0 skipped',
    'missing.json: 0 passed, 1 failed, 0 skipped',
    '13 passed, 7 failed, 1 skipped',
  ]);
});

it('stays short where hundreds failed', async () => {
  const [, lines] = await count('drowned.json');
  expect(lines).toHaveLength(104);
  expect(lines).toContain('failed: 350 more');
});
