/** @file How the board copes, as newer agents tell it: six more facts of the grid. */
import { Tick } from '@/components/ui/tick.tsx';
import { throttleWords } from '@/lib/attention.ts';
import type { DeviceFacts } from '@/lib/device-facts.ts';
import { formatBytes, formatPercent, formatRate } from '@/lib/format.ts';
import { thresholds } from '@/lib/thresholds.ts';
import type { SystemFacts } from '@/server/queries/device.ts';
import { Fact, Minor, Nothing } from './fact.tsx';

type Props = { facts: DeviceFacts; system: SystemFacts | null };

/** Whether the agent says any of it: an older one leaves the row out instead of filling it with dashes. */
export function hasMachineFacts({ inference, governor, throttled }: DeviceFacts, system: SystemFacts | null): boolean {
  const { cpuFraction = null, memoryTotalBytes = null, diskTotalBytes = null } = system ?? {};
  return [inference, governor, throttled, cpuFraction, memoryTotalBytes, diskTotalBytes].some((fact) => fact !== null);
}

export function MachineFacts({ facts, system }: Props) {
  const { cpuFraction, memoryAvailableBytes, memoryTotalBytes, diskFreeBytes, diskTotalBytes } = system ?? {};
  return (
    <>
      <Inference facts={facts} />
      <Governor facts={facts} />
      <Fact label="Throttling" title={facts.throttled?.map((each) => throttleWords[each] ?? each).join(', ')}>
        <Throttling throttled={facts.throttled} />
      </Fact>
      <Fact label="Load">
        {cpuFraction == null ? <Nothing /> : <Tick>{formatPercent(cpuFraction * 100)}</Tick>}{' '}
        {cpuFraction != null && facts.cores !== null && <Minor>of {facts.cores === 1 ? '1 core' : `${facts.cores} cores`}</Minor>}
      </Fact>
      <Fact label="Free memory">
        <Free bytes={memoryAvailableBytes} total={memoryTotalBytes} />
      </Fact>
      <Fact label="Free disk">
        <Free bytes={diskFreeBytes} total={diskTotalBytes} />
      </Fact>
    </>
  );
}

function Inference({ facts: { inference } }: { facts: DeviceFacts }) {
  if (inference === null) {
    return (
      <Fact label="Inference" wide>
        <Nothing />
      </Fact>
    );
  }
  const { provider, threads, precision, tuned, reason } = inference;
  return (
    <Fact label="Inference" wide title={reason}>
      {provider}, {threads === 1 ? '1 thread' : `${threads} threads`}, {precision}{' '}
      <Minor>{tuned ? 'measured here' : reason?.includes('not tuned') ? 'not measured' : 'as set'}</Minor>
    </Fact>
  );
}

function Governor({ facts: { governor } }: { facts: DeviceFacts }) {
  if (governor === null) {
    return (
      <Fact label="Governor" wide>
        <span className="text-ink-3">none set</span>
      </Fact>
    );
  }
  const { rho, rate, step, of } = governor;
  return (
    <Fact label="Governor" wide>
      ρ {rho}
      {rate !== undefined && `, ${formatRate(rate)} /s`} <Minor>{step === 0 ? 'full quality' : `step ${step} of ${of - 1}`}</Minor>
    </Fact>
  );
}

function Throttling({ throttled }: { throttled: string[] | null }) {
  if (throttled === null) return <Nothing />;
  if (throttled.length === 0) return 'none';
  return <span className="text-warn">{throttled.map((each) => throttleWords[each] ?? each).join(', ')}</span>;
}

function Free({ bytes, total }: { bytes: number | null | undefined; total: number | null | undefined }) {
  if (bytes == null) return <Nothing />;
  const scarce = total != null && bytes < total * thresholds.scarceShare;
  return (
    <>
      <span className={scarce ? 'text-warn' : undefined}>
        <Tick>{formatBytes(bytes)}</Tick>
      </span>{' '}
      {total != null && <Minor>of {formatBytes(total)}</Minor>}
    </>
  );
}
