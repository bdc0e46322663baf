/** @file Shape, word and age of a device's connectivity or update, as rows and headers show them. */
import { Age } from '@/components/live/age.tsx';
import { formatPercent } from '@/lib/format.ts';
import { type ConnectivityStatus, connectivityWords, isInMotion, type UpdateState, type UpdateStatus, updateWords } from '@/lib/status.ts';
import { ConnectivityShape } from './connectivity-shape.tsx';
import { UpdateShape } from './update-shape.tsx';

export function ConnectivityWord({ status }: { status: ConnectivityStatus }) {
  const tone =
    status.state === 'offline' ? 'text-bad' : status.state === 'late' ? 'text-warn' : status.state === 'unknown' ? 'text-ink-3' : '';
  return (
    <span className="inline-flex items-center gap-2 whitespace-nowrap align-top">
      <ConnectivityShape state={status.state} />
      <span className={tone}>{connectivityWords[status.state]}</span>
      {status.since !== null && <Age at={status.since} className="text-second text-ink-3" />}
    </span>
  );
}

export function UpdateWord({ status }: { status: UpdateStatus }) {
  const { state, percent, since } = status;
  return (
    <span className="inline-flex items-center gap-2 whitespace-nowrap align-top">
      <UpdateShape state={state} percent={percent} />
      <span className={updateTone(state)}>
        {updateWords[state]}
        {percent !== null && <span className="figures"> {formatPercent(Math.round(percent)).replace('.0', '')}</span>}
      </span>
      {since !== null && <Age at={since} className="text-second text-ink-3" />}
    </span>
  );
}

export function updateTone(state: UpdateState): string {
  if (isInMotion(state)) return 'text-accent';
  if (state === 'failed' || state === 'refused' || state === 'quarantined') return 'text-bad';
  if (state === 'rolled_back') return 'text-warn';
  return state === 'no_target' ? 'text-ink-3' : '';
}
