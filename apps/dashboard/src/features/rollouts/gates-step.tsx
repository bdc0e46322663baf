/** @file What the new variant has to hold to, and what happens where it does not. Empty is the usual. */
'use client';
import { Panel } from '@/components/ui/panel.tsx';
import type { Draft, GateField } from './draft.ts';
import { SelectField, TextField } from './fields.tsx';
import { useDraft } from './use-draft.ts';

const gates: { field: GateField; label: string; usual: string; note: string }[] = [
  { field: 'p95Slower', label: 'Latency p95, slower than control by at most', usual: '15', note: '%' },
  { field: 'p95Ms', label: 'Latency p95 at most', usual: 'no limit', note: 'ms' },
  { field: 'framesFewer', label: 'Frames a second, fewer than control by at most', usual: '10', note: '%' },
  { field: 'errors', label: 'Frames that inference fails on, at most', usual: '2', note: '%' },
  { field: 'agreement', label: 'Agreement with the old variant in shadow, at least', usual: 'no limit', note: '%' },
  { field: 'confidence', label: 'Mean confidence moves by at most', usual: 'no limit', note: 'of 1' },
  { field: 'classMix', label: 'The mix of classes moves by at most', usual: 'no limit', note: 'of 1' },
];

const ends: { value: Draft['onFail']; label: string }[] = [
  { value: 'roll_back', label: 'roll back every device to its own previous variant' },
  { value: 'pause', label: 'pause' },
  { value: 'abort', label: 'abort: what is committed stays' },
];

export function GatesStep() {
  const { draft, change } = useDraft();
  const write = (field: GateField) => (value: string) => change({ gates: { ...draft.gates, [field]: value } }, 'rest');
  return (
    <>
      <Panel
        id="gates"
        title="Gates"
        note="an interval clear of the limit passes, across it holds, beyond it fails"
        className="border-line border-b"
      >
        <ul className="grid border-line-2 border-t xl:grid-cols-2">
          {gates.map(({ field, label, usual, note }) => (
            <li key={field} className="border-line border-b px-5 py-1.5 xl:odd:border-r phone:px-4">
              <TextField
                label={label}
                value={draft.gates[field]}
                onWrite={write(field)}
                placeholder={usual}
                numeric
                note={note}
                maxLength={8}
                aligned
              />
            </li>
          ))}
        </ul>
      </Panel>
      <Panel id="ends" title="Where it does not hold" className="border-line border-b">
        <div className="grid grid-cols-[minmax(0,1fr)] gap-2 px-5 pb-4 phone:px-4">
          <SelectField
            label="A gate fails:"
            value={draft.onFail}
            options={ends}
            onWrite={(onFail) => change({ onFail: onFail as Draft['onFail'] })}
          />
          <TextField
            label="Devices that the variant may fail on"
            value={draft.gates.failures}
            onWrite={write('failures')}
            placeholder="0"
            numeric
            note="more than that counts as a failed gate"
            maxLength={5}
          />
          <TextField
            label="Gates that cannot tell are judged again for"
            value={draft.gates.wait}
            onWrite={write('wait')}
            placeholder="60"
            numeric
            note="min, then it pauses"
            maxLength={5}
          />
        </div>
      </Panel>
    </>
  );
}
