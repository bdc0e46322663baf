import { initialUpdateState, type UpdateState } from '@alpharho/protocol';
import { describe, expect, it } from 'vitest';
import { FakeLink } from '../../test/support/fake-agent.ts';
import { FakeClock, settle } from '../../test/support/fake-clock.ts';
import { rememberedLog } from '../../test/support/logs.ts';
import { onWire, variant } from '../../test/support/variants.ts';
import { Reporter } from './reporter.ts';

const idle = initialUpdateState('a'.repeat(64));
const downloading = (progress: number): UpdateState => ({ ...idle, phase: 'downloading', revision: 1, target: 'b'.repeat(64), progress });

function newReporter() {
  const clock = new FakeClock();
  const link = new FakeLink();
  const reporter = new Reporter({ session: 'session-1', link, clock, log: rememberedLog() });
  return { clock, link, reporter };
}

const inference = { provider: 'cpu', threads: 2, precision: 'float32', tuned: true } as const;

describe('the reporter', () => {
  it('says nothing before there is a variant to speak of, and nothing without a connection', async () => {
    const { link, reporter } = newReporter();
    reporter.up();
    reporter.updates(idle);
    expect(link.reports).toEqual([]);
    reporter.down();
    reporter.serves(onWire(variant('a')), inference);
    expect(link.reports).toEqual([]);
    reporter.up();
    expect(link.reports).toHaveLength(1);
  });

  it('reports each change once, and all of it after a new connection', () => {
    const { link, reporter } = newReporter();
    reporter.updates(idle);
    reporter.serves(onWire(variant('a')), inference);
    reporter.up();
    reporter.updates(idle);
    reporter.serves(onWire(variant('a')), inference);
    expect(link.reports).toHaveLength(1);
    reporter.updates(downloading(1));
    expect(link.reports).toHaveLength(2);
    reporter.down();
    reporter.up();
    expect(link.reports).toHaveLength(3);
  });

  it('tells of progress once a second, with the latest figure', async () => {
    const { clock, link, reporter } = newReporter();
    reporter.serves(onWire(variant('a')), inference);
    reporter.updates(downloading(0));
    reporter.up();
    for (let percent = 1; percent <= 60; percent += 1) reporter.updates(downloading(percent));
    expect(link.reports.map(({ progress }) => progress)).toEqual([0]);
    await clock.advance(1000);
    expect(link.reports.map(({ progress }) => progress)).toEqual([0, 60]);
    await clock.advance(5000);
    expect(link.reports).toHaveLength(2);
  });

  it('names the fault that began last, until it ends', async () => {
    const { link, reporter } = newReporter();
    reporter.serves(onWire(variant('a')), inference);
    reporter.updates(idle);
    reporter.up();
    reporter.raise('camera', { code: 'camera_unreadable', message: 'no frames' });
    reporter.raise('outbox', { code: 'disk_full', message: 'full' });
    reporter.clear('outbox');
    reporter.clear('camera');
    await settle();
    expect(link.reports.map(({ lastError }) => lastError?.code)).toEqual([
      undefined,
      'camera_unreadable',
      'disk_full',
      'camera_unreadable',
      undefined,
    ]);
  });
});
