/** @file Who would change, who follows later, who is left out and why; before anything moves. */
import { SeverityShape } from '@/components/status/severity-shape.tsx';
import { UpdateShape } from '@/components/status/update-shape.tsx';
import { Panel } from '@/components/ui/panel.tsx';
import { plural } from '@/lib/format.ts';
import type { SquareState } from '@/lib/status.ts';
import type { PreviewOutcome } from '@/server/queries/rollout-page.ts';
import type { PreviewDevice, RolloutPreview } from '@/server/rollouts/store/preview.ts';

type Kind = PreviewDevice['kind'] | 'later';

const kinds: { kind: Kind; shape: SquareState; words: string }[] = [
  { kind: 'ready', shape: 'committed', words: 'change in turn' },
  { kind: 'later', shape: 'waiting_offline', words: 'offline, change on return' },
  { kind: 'already', shape: 'on_target', words: 'serve it already' },
  { kind: 'quarantined', shape: 'quarantined', words: 'failed with it before, left out' },
  { kind: 'incompatible', shape: 'refused', words: 'do not fit, left out' },
  { kind: 'elsewhere', shape: 'cancelled', words: 'in another rollout, left out' },
  { kind: 'unmapped', shape: 'cancelled', words: 'no variant for their class, left out' },
];

/** Above this the squares say no more than the numbers below them. */
const mostSquares = 200;

export function PreviewPanel({ outcome, fleet }: { outcome: PreviewOutcome; fleet: number }) {
  return (
    <Panel id="preview" title="Who changes" className="border-line border-b">
      {outcome.ok ? <Preview preview={outcome.preview} fleet={fleet} /> : <Wrong message={outcome.message} />}
    </Panel>
  );
}

export function Wrong({ message }: { message: string }) {
  return (
    <p role="status" className="flex items-start gap-2 px-5 pb-4 phone:px-4">
      <span className="mt-0.5">
        <SeverityShape severity="warning" />
      </span>
      <span className="min-w-0 text-warn wrap-anywhere">{message}.</span>
    </p>
  );
}

function Preview({ preview, fleet }: { preview: RolloutPreview; fleet: number }) {
  const { devices, matched, counts, noWayBack } = preview;
  const counted = new Map(kinds.map(({ kind }) => [kind, devices.filter((device) => kindOf(device) === kind).length]));
  const out = devices.filter(({ kind }) => kind !== 'ready' && kind !== 'already');
  return (
    <div className="grid gap-3 px-5 pb-4 phone:px-4">
      <p>
        <strong className="font-semibold">
          {counts.ready} of {plural(matched, 'device')}
        </strong>{' '}
        {counts.ready === 1 ? 'changes' : 'change'}
        {matched < fleet && (
          <span className="text-ink-2">
            ; {plural(fleet - matched, 'device')} of the fleet {fleet - matched === 1 ? 'does' : 'do'} not match
          </span>
        )}
        .
      </p>
      {matched <= mostSquares && (
        <p aria-hidden="true" className="flex flex-wrap gap-1">
          {devices.map((device) => (
            <span key={device.id} title={`${device.id}: ${device.note ?? wordsOf(device)}`}>
              <UpdateShape state={kinds.find(({ kind }) => kind === kindOf(device))?.shape ?? 'cancelled'} size={20} />
            </span>
          ))}
        </p>
      )}
      <ul aria-label="Devices that match" className="flex flex-wrap gap-x-6 gap-y-1">
        {kinds.map(({ kind, shape, words }) => {
          const count = counted.get(kind) ?? 0;
          return count === 0 ? null : (
            <li key={kind} className="inline-flex items-center gap-2">
              <UpdateShape state={shape} />
              <span className="figures font-medium">{count}</span>
              <span className="text-ink-2">{words}</span>
            </li>
          );
        })}
      </ul>
      {noWayBack > 0 && (
        <p className="flex items-start gap-2 text-warn">
          <SeverityShape severity="warning" />
          For {plural(noWayBack, 'device')} there is no way back: the registry does not hold what{' '}
          {noWayBack === 1 ? 'it serves' : 'they serve'} now.
        </p>
      )}
      {out.length > 0 && (
        <details>
          <summary className="text-accent phone:py-3">{plural(out.length, 'device')} left out, and why</summary>
          <ul className="mt-1 grid max-h-64 gap-1 overflow-y-auto">
            {out.map(({ id, note }) => (
              <li key={id} className="wrap-anywhere">
                <span className="mr-2 font-medium">{id}</span>
                <span className="text-ink-2">{note}</span>
              </li>
            ))}
          </ul>
        </details>
      )}
    </div>
  );
}

function kindOf({ kind, online }: PreviewDevice): Kind {
  return kind === 'ready' && !online ? 'later' : kind;
}

function wordsOf(device: PreviewDevice): string {
  return kinds.find(({ kind }) => kind === kindOf(device))?.words ?? '';
}
