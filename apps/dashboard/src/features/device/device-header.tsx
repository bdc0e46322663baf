/** @file The device's name with its three shapes, three words, three ages; its action at the right. */
import type { ReactNode } from 'react';
import { Age } from '@/components/live/age.tsx';
import { SeverityShape } from '@/components/status/severity-shape.tsx';
import { ConnectivityWord, UpdateWord } from '@/components/status/status-word.tsx';
import type { JudgedDevice } from '@/lib/attention.ts';
import { needsOperator } from '@/lib/status.ts';

type Tone = 'plain' | 'warn' | 'bad';

const grounds: Record<Tone, string> = { plain: 'bg-track', warn: 'bg-warn-soft text-warn', bad: 'bg-bad-soft text-bad' };

export function DeviceHeader({ device, action }: { device: JudgedDevice; action?: ReactNode }) {
  const { facts, connectivity, update, attention } = device;
  const connectivityTone: Tone = connectivity.state === 'offline' ? 'bad' : connectivity.state === 'late' ? 'warn' : 'plain';
  const updateTone: Tone = update.state === 'rolled_back' ? 'warn' : needsOperator(update.state) ? 'bad' : 'plain';
  const health = attention.filter(({ about }) => about === 'health');
  return (
    <div className="flex min-h-[54px] flex-wrap items-center gap-x-4 gap-y-2 border-line border-b px-5 py-2 phone:px-4">
      <h1 className="min-w-0 text-object wrap-anywhere">{facts.id}</h1>
      <div className="flex flex-wrap items-center gap-2">
        <Chip tone={connectivityTone}>
          <ConnectivityWord status={connectivity} />
        </Chip>
        <Chip tone={updateTone}>
          <UpdateWord status={update} />
        </Chip>
        {health.map(({ key, severity, word, since }) => (
          <Chip key={key} tone={severity === 'notice' ? 'plain' : severity === 'critical' ? 'bad' : 'warn'}>
            <span className="inline-flex items-center gap-1.5">
              <SeverityShape severity={severity} size={14} />
              {word}
              {since !== null && <Age at={since} className="text-second" />}
            </span>
          </Chip>
        ))}
      </div>
      {action !== undefined && <div className="ml-auto phone:ml-0 phone:w-full phone:[&>*]:w-full">{action}</div>}
    </div>
  );
}

/** Its content keeps its own colours; the ages stay readable on every ground. */
function Chip({ tone, children }: { tone: Tone; children: ReactNode }) {
  return (
    <span
      className={`inline-flex h-6 items-center rounded-tag px-2 font-medium [&_time]:font-normal [&_time]:text-current ${grounds[tone]}`}
    >
      {children}
    </span>
  );
}
