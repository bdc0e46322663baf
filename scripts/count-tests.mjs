/**
 * @file Adds up the reports that the test runners left in reports/ folders. Prints every skipped and every failed test by name, failed ones
 * with the first line of what was wrong, then a line for each report, and as its last line "N passed, N failed, N skipped": whoever sees
 * no more than the end of a long log still sees what failed.
 * Arguments are the reports to expect (Vitest's or Playwright's JSON); one that is missing or unreadable counts as a failure.
 * Exit code 1 where anything failed.
 */
import { readFileSync } from 'node:fs';
import { relative } from 'node:path';
import { stripVTControlCharacters } from 'node:util';

/** So many names of a kind at most: the totals must stay in sight. */
const mostNames = 50;
const longestLine = 240;

const total = { passed: 0, failed: 0, skipped: 0 };
const names = { failed: [], skipped: [] };

/** Suites that broke before their first test count as one failure each: Vitest reports them without tests. */
function readVitest(report) {
  for (const { name, status, message, assertionResults } of report.testResults) {
    const file = relative('', name);
    if (status === 'failed' && assertionResults.length === 0) fail(file, message);
    for (const test of assertionResults) {
      const title = `${file}: ${test.fullName}`;
      if (test.status === 'passed') total.passed++;
      else if (test.status === 'failed') fail(title, test.failureMessages[0]);
      else skip(title);
    }
  }
}

/** A test that passed at its second try has failed: nothing here is allowed to be flaky. */
function readPlaywright({ suites, errors }) {
  for (const { message } of errors) fail('outside of any test', message);
  for (const suite of suites) readSuite(suite, []);
}

function readSuite({ title, specs = [], suites = [] }, above) {
  const path = [...above, title];
  for (const spec of specs) {
    const name = [...path, spec.title].join(' › ');
    for (const { status, results } of spec.tests) {
      if (status === 'expected') total.passed++;
      else if (status === 'skipped') skip(name);
      else fail(status === 'flaky' ? `${name} (flaky)` : name, results.find(({ error }) => error)?.error.message);
    }
  }
  for (const inner of suites) readSuite(inner, path);
}

function fail(name, message = '') {
  total.failed++;
  const first = stripVTControlCharacters(message)
    .split('\n')
    .find((line) => line.trim() !== '');
  names.failed.push(first === undefined ? name : `${name}\n    ${first.trim().slice(0, longestLine)}`);
}

function skip(name) {
  total.skipped++;
  names.skipped.push(name);
}

function readReport(file) {
  const before = { ...total };
  try {
    const report = JSON.parse(readFileSync(file, 'utf8'));
    if ('stats' in report) readPlaywright(report);
    else readVitest(report);
    // An error outside of any test leaves its mark on `success` alone.
    if (report.success === false && total.failed === before.failed) fail(`${file}: an error outside of any test`);
  } catch (error) {
    fail(file, error.code === 'ENOENT' ? 'no such report; its runner did not come to an end' : error.message);
  }
  return `${file}: ${inWords((kind) => total[kind] - before[kind])}`;
}

const inWords = (count) => ['passed', 'failed', 'skipped'].map((kind) => `${count(kind)} ${kind}`).join(', ');

function printNames(kind) {
  for (const name of names[kind].slice(0, mostNames)) console.log(`${kind}: ${name}`);
  const more = names[kind].length - mostNames;
  if (more > 0) console.log(`${kind}: ${more} more`);
}

const lines = process.argv.slice(2).map(readReport);
printNames('skipped');
printNames('failed');
for (const line of lines) console.log(line);
console.log(inWords((kind) => total[kind]));
process.exitCode = total.failed > 0 || total.passed === 0 ? 1 : 0;
