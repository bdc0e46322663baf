import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, it } from 'vitest';

const script = fileURLToPath(new URL('count-tests.mjs', import.meta.url));
let folder = '';

const green = { numPassedTests: 5, numFailedTests: 0, numPendingTests: 2, numTodoTests: 1, success: true, testResults: [] };
const brokenSuite = { status: 'failed', assertionResults: [] };
const reports = {
  'green.json': green,
  'red.json': { ...green, numFailedTests: 1, success: false },
  'suite.json': { ...green, success: false, testResults: [brokenSuite, brokenSuite] },
  'unhandled.json': { ...green, success: false },
  'browser.json': { stats: { expected: 3, unexpected: 0, flaky: 0, skipped: 1 }, errors: [] },
  'flaky.json': { stats: { expected: 3, unexpected: 1, flaky: 1, skipped: 0 }, errors: [{ message: 'no browser' }] },
  'none.json': { ...green, numPassedTests: 0 },
};

/** Exit code and last line. */
function count(...names) {
  return new Promise((resolve) => {
    execFile(process.execPath, [script, ...names.map((name) => join(folder, name))], (error, stdout) => {
      resolve([error?.code ?? 0, stdout.trimEnd().split('\n').at(-1)]);
    });
  });
}

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'count-tests-'));
  for (const [name, report] of Object.entries(reports)) await writeFile(join(folder, name), JSON.stringify(report));
  await writeFile(join(folder, 'cut.json'), '{"numPassedTests":');
});

afterAll(async () => {
  await rm(folder, { recursive: true, force: true });
});

it.each([
  ['adds up what the runners say', ['green.json', 'browser.json'], 0, '8 passed, 0 failed, 4 skipped'],
  ['fails with a failed test', ['green.json', 'red.json'], 1, '10 passed, 1 failed, 6 skipped'],
  ['counts suites that broke before their first test', ['suite.json'], 1, '5 passed, 2 failed, 3 skipped'],
  ['counts an error outside of any test', ['unhandled.json'], 1, '5 passed, 1 failed, 3 skipped'],
  ['counts flaky tests and a browser that never started as failures', ['flaky.json'], 1, '3 passed, 3 failed, 0 skipped'],
  ['counts a missing report as a failure', ['green.json', 'missing.json'], 1, '5 passed, 1 failed, 3 skipped'],
  ['counts a report that was cut short as a failure', ['green.json', 'cut.json'], 1, '5 passed, 1 failed, 3 skipped'],
  ['fails where nothing passed', ['none.json'], 1, '0 passed, 0 failed, 3 skipped'],
])('%s', async (_, names, code, line) => {
  expect(await count(...names)).toEqual([code, line]);
});
