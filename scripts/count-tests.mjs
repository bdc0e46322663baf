/**
 * @file Adds up the reports that the test runners left in reports/ folders and prints, as its last line, "N passed, N failed, N skipped".
 * Arguments are the reports to expect (Vitest's or Playwright's JSON); one that is missing or unreadable counts as a failure.
 * Exit code 1 where anything failed.
 */
import { readFileSync } from 'node:fs';

/** Suites that broke before their first test count as one failure each: Vitest reports them without tests. */
function countVitest(report) {
  const broken = report.testResults.filter(({ status, assertionResults }) => status === 'failed' && assertionResults.length === 0).length;
  const failed = report.numFailedTests + broken;
  return {
    passed: report.numPassedTests,
    // An error outside of any test leaves its mark on `success` alone.
    failed: failed === 0 && !report.success ? 1 : failed,
    skipped: report.numPendingTests + report.numTodoTests,
  };
}

/** A test that passed at its second try has failed: nothing here is allowed to be flaky. */
function countPlaywright({ stats, errors }) {
  return { passed: stats.expected, failed: stats.unexpected + stats.flaky + errors.length, skipped: stats.skipped };
}

function countReport(file) {
  try {
    const report = JSON.parse(readFileSync(file, 'utf8'));
    return 'stats' in report ? countPlaywright(report) : countVitest(report);
  } catch (error) {
    console.error(`${file}: ${error.code === 'ENOENT' ? 'no such report; its runner did not come to an end' : error.message}`);
    return { passed: 0, failed: 1, skipped: 0 };
  }
}

const total = { passed: 0, failed: 0, skipped: 0 };
for (const file of process.argv.slice(2)) {
  const counts = countReport(file);
  console.log(`${file}: ${counts.passed} passed, ${counts.failed} failed, ${counts.skipped} skipped`);
  for (const key of Object.keys(total)) total[key] += counts[key];
}
console.log(`${total.passed} passed, ${total.failed} failed, ${total.skipped} skipped`);
process.exitCode = total.failed > 0 || total.passed === 0 ? 1 : 0;
