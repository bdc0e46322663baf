/** @file What the device sees now: its best answers, the first in accent. */
import type { ReactNode } from 'react';
import { Age } from '@/components/live/age.tsx';
import { Empty } from '@/components/ui/empty.tsx';
import { Panel } from '@/components/ui/panel.tsx';
import { Tick } from '@/components/ui/tick.tsx';
import type { DeviceFacts } from '@/lib/device-facts.ts';
import { formatInteger, formatShare } from '@/lib/format.ts';

export function SeesNow({ facts, live, children }: { facts: DeviceFacts; live: boolean; children?: ReactNode }) {
  const { lastTop, lastFrame, lastResultAt } = facts;
  return (
    <Panel
      id="sees"
      title={live ? 'Sees now' : 'Saw last'}
      note={lastFrame === null ? undefined : <Tick>{`frame ${formatInteger(lastFrame)}`}</Tick>}
      actions={lastResultAt !== null && <Age at={lastResultAt} suffix=" ago" className="text-second text-ink-3" />}
    >
      {lastTop.length === 0 ? (
        <Empty title="No results yet.">They appear with the first frame that it classifies.</Empty>
      ) : (
        <ol className="grid gap-2 px-5 pt-1 pb-4 phone:px-4" aria-label="Best answers">
          {lastTop.slice(0, 5).map(({ class: index, label, probability }, place) => (
            <li key={index} className="grid grid-cols-[minmax(0,7.5rem)_minmax(0,1fr)_3.5rem] items-center gap-3">
              <span className={`truncate ${place === 0 ? 'font-semibold' : 'text-ink-2'}`} title={label}>
                {label}
              </span>
              <span aria-hidden="true" className="h-[7px] bg-track">
                <span
                  className={`block h-full ${place === 0 ? 'bg-accent' : 'bg-ink-3'}`}
                  style={{ width: `${Math.min(100, probability * 100)}%` }}
                />
              </span>
              <span className={`text-right ${place === 0 ? 'font-semibold' : 'text-ink-2'}`}>
                <Tick>{formatShare(probability)}</Tick>
              </span>
            </li>
          ))}
        </ol>
      )}
      {facts.serving?.untrained === true && (
        <p className="px-5 pb-3 text-second text-ink-3 phone:px-4">
          The variant is untrained: its answers and their order mean nothing yet.
        </p>
      )}
      {children}
    </Panel>
  );
}
