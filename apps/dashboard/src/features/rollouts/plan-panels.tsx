/** @file What a rollout is going to do: its stages with their devices in order, and the limits that the new variant is held to. */
import type { RolloutSpec } from '@alpharho/protocol';
import type { ReactNode } from 'react';
import { Panel } from '@/components/ui/panel.tsx';
import { formatAge, formatMs, formatShare, plural } from '@/lib/format.ts';
import { stageName } from '@/lib/rollout-words.ts';
import type { RolloutPreview } from '@/server/rollouts/store/preview.ts';

/** More names than these tell nobody anything. */
const named = 24;

export function OrderPanel({ spec, preview, change }: { spec: RolloutSpec; preview: RolloutPreview; change?: ReactNode }) {
  const last = spec.phases.length - 1;
  const { windows } = spec.schedule;
  return (
    <Panel
      id="order"
      title="Stages and order"
      note={`one of each class of hardware first; ${plural(spec.phases[0]?.concurrency ?? 1, 'device')} at once`}
      actions={change}
      className="border-line border-b"
    >
      <ol className="border-line-2 border-t">
        {spec.phases.map((phase, index) => {
          const own = preview.devices.filter((device) => device.phase === index);
          return (
            // biome-ignore lint/suspicious/noArrayIndexKey: a stage is known by its place
            <li key={index} className="grid gap-x-4 border-line border-b px-5 py-1.5 sm:grid-cols-[104px_220px_minmax(0,1fr)] phone:px-4">
              <span className="font-medium">
                {index + 1} {stageName(phase, index, index === last)}
              </span>
              <span className="text-ink-2">
                {plural(own.length, 'device')}, soak {formatAge(phase.soak)}, gates
                {phase.advance === 'approval' && index !== last && ', approval'}
              </span>
              <span className="min-w-0 text-ink-2 wrap-anywhere">
                {own
                  .slice(0, named)
                  .map(({ id }) => id)
                  .join(', ')}
                {own.length > named && ` and ${own.length - named} more`}
              </span>
            </li>
          );
        })}
      </ol>
      {windows.map(({ from, to, timeZone }) => (
        <p key={from} className="px-5 py-2 text-ink-2 phone:px-4">
          Devices switch between {from} and {to} ({timeZone}) only.
        </p>
      ))}
    </Panel>
  );
}

export function LimitsPanel({ spec, change }: { spec: RolloutSpec; change?: ReactNode }) {
  return (
    <Panel
      id="gates"
      title="Gates"
      note={`over ${formatAge(spec.gates.window)}, at least ${plural(spec.gates.minFrames, 'frame')} of each class of hardware`}
      actions={change}
      className="border-line border-b"
    >
      <dl className="grid border-line-2 border-t xl:grid-cols-2">
        {gatesOf(spec).map(([name, limit]) => (
          <div key={name} className="flex justify-between gap-4 border-line border-b px-5 py-1.5 xl:odd:border-r phone:px-4">
            <dt>{name}</dt>
            <dd className="figures">{limit}</dd>
          </div>
        ))}
      </dl>
    </Panel>
  );
}

function gatesOf({ gates }: RolloutSpec): [name: string, limit: string][] {
  const { latencyP95, frameRate, errorRate, agreement, confidenceShift, classMixShift, failuresAllowed } = gates;
  const list: [string, string | undefined][] = [
    ['Latency p95', `at most ${formatShare(latencyP95.maxRatioToControl - 1)} slower than control`],
    ['Latency p95, in itself', latencyP95.maxMs === undefined ? undefined : `≤ ${formatMs(latencyP95.maxMs)}`],
    ['Frame rate', `at most ${formatShare(1 - frameRate.minRatioToControl)} fewer than control`],
    ['Errors', `≤ ${formatShare(errorRate.max)} of frames`],
    ['Agreement in shadow', agreement.min === undefined ? undefined : `≥ ${formatShare(agreement.min)}`],
    ['Mean confidence', confidenceShift.max === undefined ? undefined : `≤ ±${confidenceShift.max}`],
    ['Class-mix shift', classMixShift.max === undefined ? undefined : `≤ ${classMixShift.max}`],
    ['Devices that may fail', String(failuresAllowed)],
  ];
  return list.flatMap(([name, limit]): [string, string][] => (limit === undefined ? [] : [[name, limit]]));
}
