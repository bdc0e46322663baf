/** @file In which stages, with what soak, whether a person says go; when it starts, and in which hours devices switch. */
'use client';
import { X } from 'lucide-react';
import { useClock } from '@/components/live/clock-provider.tsx';
import { Button } from '@/components/ui/button.tsx';
import { Panel } from '@/components/ui/panel.tsx';
import { plural } from '@/lib/format.ts';
import { zoneOffsetMs } from '@/lib/time-zone.ts';
import type { DraftStage } from './draft.ts';
import { TextField, Tickbox } from './fields.tsx';
import { useDraft } from './use-draft.ts';

type Props = { /** Devices of each stage, where the targets are known. */ sizes: number[] | null; total: number | null };

export function StagesStep({ sizes, total }: Props) {
  const { draft, change } = useDraft();
  const { stages } = draft;
  const put = (index: number, patch: Partial<DraftStage>, at: 'once' | 'rest' = 'once') =>
    change({ stages: stages.map((stage, place) => (place === index ? { ...stage, ...patch } : stage)) }, at);
  const last = stages.length - 1;
  return (
    <>
      <Panel
        id="stages"
        title="Stages"
        note={total === null ? 'a number of devices, or a share of all, the stages before included' : `${plural(total, 'device')} in turn`}
        className="border-line border-b"
      >
        <ol className="border-line-2 border-t">
          {stages.map((stage, index) => (
            <li
              // biome-ignore lint/suspicious/noArrayIndexKey: a stage is known by its place
              key={index}
              className="flex flex-wrap items-center gap-x-6 gap-y-1.5 border-line border-b px-5 py-1.5 phone:px-4 phone:py-2.5"
            >
              <span className="w-4 font-medium">{index + 1}</span>
              {index === last ? (
                <span className="min-w-44">all that are left</span>
              ) : (
                <TextField
                  label={stage.size.endsWith('%') ? 'to' : 'plus'}
                  value={stage.size}
                  onWrite={(size) => put(index, { size: size.replaceAll(' ', '') }, 'rest')}
                  numeric
                  maxLength={8}
                  note={stage.size.endsWith('%') ? 'of all' : 'devices, or %'}
                />
              )}
              <TextField
                label="soak"
                value={String(stage.soak)}
                onWrite={(soak) => /^\d{1,5}$/.test(soak) && put(index, { soak: Number(soak) }, 'rest')}
                numeric
                maxLength={5}
                note="min, then the gates"
              />
              {index !== last && (
                <Tickbox checked={stage.approval} onWrite={(approval) => put(index, { approval })}>
                  then a person approves
                </Tickbox>
              )}
              {sizes?.[index] !== undefined && (
                <span className="figures ml-auto text-second text-ink-3">{plural(sizes[index], 'device')}</span>
              )}
              {stages.length > 1 && index !== last && (
                <Button
                  tone="quiet"
                  size="row"
                  aria-label={`Remove stage ${index + 1}`}
                  onClick={() => change({ stages: stages.filter((_, place) => place !== index) })}
                >
                  <X size={14} strokeWidth={2} aria-hidden="true" />
                </Button>
              )}
            </li>
          ))}
        </ol>
        <div className="flex flex-wrap items-center gap-x-6 gap-y-2 px-5 py-3 phone:px-4">
          <Button
            size="row"
            onClick={() =>
              change({ stages: [...stages.slice(0, last), { size: '50%', soak: 15, approval: false }, ...stages.slice(last)] })
            }
          >
            Add a stage
          </Button>
          <TextField
            label="At most"
            value={String(draft.atOnce)}
            onWrite={(text) => /^[1-9]\d{0,3}$/.test(text) && change({ atOnce: Number(text) }, 'rest')}
            numeric
            maxLength={4}
            note="devices on their way at once"
          />
        </div>
      </Panel>
      <Schedule />
    </>
  );
}

function Schedule() {
  const { draft, change } = useDraft();
  const { zone } = useClock();
  const { startAt, window } = draft;
  return (
    <Panel id="schedule" title="Schedule" note={`times in ${window?.zone ?? zone}`} className="border-line border-b">
      <div className="grid gap-2 px-5 pb-4 phone:px-4">
        <TextField
          label="Starts"
          type="datetime-local"
          value={startAt === null ? '' : localText(startAt, zone)}
          onWrite={(text) => change({ startAt: text === '' ? null : new Date(text).getTime() }, 'rest')}
          note={startAt === null ? 'empty: as soon as you say so' : undefined}
        />
        <Tickbox checked={window !== null} onWrite={(on) => change({ window: on ? { from: '22:00', to: '04:00', zone } : null })}>
          Devices switch in certain hours only; they fetch before
        </Tickbox>
        {window !== null && (
          <div className="flex flex-wrap gap-x-4 gap-y-2">
            <TextField
              label="from"
              type="time"
              value={window.from}
              onWrite={(from) => from !== '' && change({ window: { ...window, from } }, 'rest')}
            />
            <TextField
              label="to"
              type="time"
              value={window.to}
              onWrite={(to) => to !== '' && change({ window: { ...window, to } }, 'rest')}
              note="each day"
            />
          </div>
        )}
      </div>
    </Panel>
  );
}

/** As a datetime-local input has it. */
function localText(at: number, zone: string): string {
  return new Date(at + zoneOffsetMs(at, zone)).toISOString().slice(0, 16);
}
