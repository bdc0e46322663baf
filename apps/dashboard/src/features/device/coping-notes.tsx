/** @file One line for each thing that the agent had to do to keep up; nothing where there is none. */
import { Age } from '@/components/live/age.tsx';
import { SeverityShape } from '@/components/status/severity-shape.tsx';
import type { CopingNote } from './coping.ts';

export function CopingNotes({ notes }: { notes: CopingNote[] }) {
  if (notes.length === 0) return null;
  return (
    <ul aria-label="How it keeps up" className="grid gap-1 border-line border-b px-5 py-2 phone:px-4">
      {notes.map(({ key, text, since }) => (
        <li key={key} className="flex items-start gap-2">
          <span className="grid h-5 place-items-center">
            <SeverityShape severity={key === 'outbox' ? 'warning' : 'notice'} size={14} />
          </span>
          <span className="min-w-0 flex-1 wrap-anywhere">{text}</span>
          {since !== null && <Age at={since} className="shrink-0 text-second text-ink-3" />}
        </li>
      ))}
    </ul>
  );
}
