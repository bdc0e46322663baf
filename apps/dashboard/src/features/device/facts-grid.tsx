/** @file What serves beside what should, the machine, and how it copes; below, what the agent had to do about it. */
import { Check } from 'lucide-react';
import { CopyButton } from '@/components/ui/copy-button.tsx';
import { Tick } from '@/components/ui/tick.tsx';
import { VariantName } from '@/components/variant-name.tsx';
import type { JudgedDevice } from '@/lib/attention.ts';
import { type DeviceFacts, shortBoard } from '@/lib/device-facts.ts';
import { formatBytes, formatCelsius, formatInteger, formatOffset, formatRate, formatShare, shortDigest } from '@/lib/format.ts';
import { thresholds } from '@/lib/thresholds.ts';
import type { SystemFacts } from '@/server/queries/device.ts';
import { Fact, Minor, Nothing } from './fact.tsx';
import { hasMachineFacts, MachineFacts } from './machine-facts.tsx';

type Props = { device: JudgedDevice; system: SystemFacts | null };

export function FactsGrid({ device: { facts }, system }: Props) {
  const { serving, desired } = facts;
  const machine = hasMachineFacts(facts, system);
  return (
    <dl className="grid grid-cols-2 gap-x-5 gap-y-2.5 border-line border-b px-5 py-3 sm:grid-cols-3 xl:grid-cols-[1.45fr_1.15fr_1fr_1.1fr_1fr_1fr] phone:px-4">
      <Fact label="Serves" wide>
        {serving === null ? <Nothing /> : <VariantName variant={serving} chip />}
      </Fact>
      <Fact label="Target" wide>
        {desired === null ? (
          <span className="text-ink-3">none set</span>
        ) : (
          <span className="inline-flex items-center gap-1.5">
            <VariantName variant={desired} />
            {desired.id === serving?.id && <Check size={14} strokeWidth={2} role="img" aria-label="serves it" className="text-ok-mark" />}
          </span>
        )}
      </Fact>
      <Fact label="Digest">
        {serving === null ? (
          <Nothing />
        ) : (
          <span className="-my-0.5 inline-flex items-center gap-1 phone:-my-3">
            <span className="font-mono text-second">{shortDigest(serving.id)}</span>
            <CopyButton text={serving.id} label="Copy the whole digest" />
          </span>
        )}
      </Fact>
      <Fact label="Frames">
        {facts.fps === null ? (
          <Nothing />
        ) : (
          <>
            <Tick>{formatRate(facts.fps)}</Tick> /s <Dropped share={facts.dropRate} />
          </>
        )}
      </Fact>
      <Fact label="Camera" title={facts.camera ?? undefined}>
        {facts.camera ?? <Nothing />}
      </Fact>
      <Fact label="Outbox">
        {facts.outbox === null ? (
          <Nothing />
        ) : (
          <span className={facts.outbox >= thresholds.outboxWaiting ? 'text-warn' : undefined}>
            <Tick>{formatInteger(facts.outbox)}</Tick> waiting{' '}
            {system?.outboxBytes != null && <Minor>{formatBytes(system.outboxBytes)}</Minor>}
          </span>
        )}
      </Fact>
      <Fact label="Board" title={facts.boardModel ?? undefined}>
        {shortBoard(facts.boardModel) ?? <Nothing />} {facts.memoryBytes !== null && <Minor>{formatBytes(facts.memoryBytes)}</Minor>}
      </Fact>
      <Fact label="Processor">
        {facts.arch === null ? <Nothing /> : facts.arch}{' '}
        {facts.cores !== null && <Minor>{facts.cores === 1 ? '1 core' : `${facts.cores} cores`}</Minor>}
      </Fact>
      <Fact label="Agent">{facts.agentVersion ?? <Nothing />}</Fact>
      <Fact label="Memory">
        {system === null ? <Nothing /> : <Tick>{formatBytes(system.memoryBytes)}</Tick>} {system !== null && <Minor>by the agent</Minor>}
      </Fact>
      <Fact label="Clock">
        <ClockOffset facts={facts} />
      </Fact>
      {facts.temperature === null && !machine ? (
        <Fact label="Disk">
          {system?.diskFreeBytes == null ? <Nothing /> : formatBytes(system.diskFreeBytes)}{' '}
          {system?.diskFreeBytes != null && <Minor>free</Minor>}
        </Fact>
      ) : (
        <Fact label="Temperature">
          <Temperature celsius={facts.temperature} />{' '}
          {system?.diskFreeBytes != null && !machine && <Minor>{formatBytes(system.diskFreeBytes)} disk free</Minor>}
        </Fact>
      )}
      {machine && <MachineFacts facts={facts} system={system} />}
    </dl>
  );
}

function Temperature({ celsius }: { celsius: number | null }) {
  if (celsius === null) return <Nothing />;
  return <span className={celsius >= thresholds.hotCelsius ? 'text-warn' : undefined}>{formatCelsius(celsius)}</span>;
}

/** Less than this is the way of a message, not a clock that is wrong. */
const inStepMs = 10;

function ClockOffset({ facts: { lastSeenAt, clockOffsetMs, clockSynchronised } }: { facts: DeviceFacts }) {
  if (lastSeenAt === null) return <Nothing />;
  const source = clockSynchronised === null ? null : <Minor>{clockSynchronised ? 'synchronised' : 'no time source'}</Minor>;
  if (Math.abs(clockOffsetMs) < inStepMs) return <>in step {source}</>;
  return (
    <>
      {formatOffset(clockOffsetMs)} {source ?? <Minor>corrected</Minor>}
    </>
  );
}

function Dropped({ share }: { share: number | null }) {
  if (share === null) return null;
  return <span className={share > thresholds.droppedShare ? 'text-warn' : 'text-ink-3'}>{formatShare(share)} dropped</span>;
}
