/** @file To which devices: a query, or a click that writes one. */
'use client';
import { Button } from '@/components/ui/button.tsx';
import { Panel } from '@/components/ui/panel.tsx';
import type { Facet } from '@/server/queries/draft-page.ts';
import { TextField, Tickbox } from './fields.tsx';
import { useDraft } from './use-draft.ts';

export function DevicesStep({ facets }: { facets: Facet[] }) {
  const { draft, change } = useDraft();
  return (
    <Panel
      id="targets"
      title="Devices"
      note="a space means and, a comma or, a minus not; * stands for anything"
      className="border-line border-b"
    >
      <div className="grid gap-3 px-5 pb-4 phone:px-4">
        <TextField
          label="Targets"
          hidden
          value={draft.where}
          onWrite={(where) => change({ where }, 'rest')}
          placeholder='site=quay,orchard class="Raspberry Pi 4*" tag=outdoor -id=cam-9'
          maxLength={2000}
          className="w-full max-w-[720px] font-mono text-second sm:w-[640px]"
        />
        <div className="flex flex-wrap gap-2">
          {facets.map(({ label, where, devices }) => (
            <Button
              key={where}
              size="row"
              aria-pressed={draft.where === where}
              onClick={() => change({ where })}
              className={draft.where === where ? 'border-accent bg-accent-soft' : ''}
            >
              {label} <span className="figures text-ink-3">{devices}</span>
            </Button>
          ))}
        </div>
        <div className="flex flex-wrap gap-x-6 gap-y-1">
          <Tickbox checked={draft.lateJoiners} onWrite={(lateJoiners) => change({ lateJoiners })}>
            Devices that match only later join the last stage
          </Tickbox>
          <Tickbox checked={draft.otherLabels} onWrite={(otherLabels) => change({ otherLabels })}>
            Also where the new variant has other classes than the one that serves
          </Tickbox>
        </div>
      </div>
    </Panel>
  );
}
