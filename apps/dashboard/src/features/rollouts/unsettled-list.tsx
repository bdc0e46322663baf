/** @file Devices that have not settled or failed: what each does or why not, and since when. */
import { Link } from '@/components/link.tsx';
import { Age } from '@/components/live/age.tsx';
import { UpdateShape } from '@/components/status/update-shape.tsx';
import { Panel } from '@/components/ui/panel.tsx';
import { sentence } from '@/lib/attention.ts';
import { formatPercent } from '@/lib/format.ts';
import { bySquare, squareOf } from '@/lib/rollout-words.ts';
import type { RolloutDeviceFacts } from '@/server/rollouts/store/read.ts';

const concerned: readonly string[] = ['told', 'moving', 'failed', 'rolled_back', 'timed_out', 'returning', 'return_failed'];
const troubled: readonly string[] = ['failed', 'rolled_back', 'timed_out', 'return_failed'];
const most = 20;

export function UnsettledList({ devices }: { devices: readonly RolloutDeviceFacts[] }) {
  const placed = devices
    .filter(({ state }) => concerned.includes(state))
    .map((device) => ({ device, square: squareOf(device), trouble: troubled.includes(device.state) }))
    .sort((a, b) => Number(b.trouble) - Number(a.trouble) || bySquare(a.square, b.square) || a.device.position - b.device.position);
  if (placed.length === 0) return null;
  return (
    <Panel id="unsettled" title="Not settled or failed" actions={<span className="figures text-second text-ink-3">{placed.length}</span>}>
      <ul aria-labelledby="unsettled" className="border-line-2 border-t">
        {placed.slice(0, most).map(({ device, square, trouble }) => (
          <li
            key={device.id}
            className="grid min-h-[34px] grid-cols-[16px_minmax(0,1fr)_auto] items-start gap-x-2.5 border-line border-b px-5 py-1.5 phone:px-4"
          >
            <span className="mt-0.5">
              <UpdateShape state={square.shape} percent={square.percent} />
            </span>
            <span className="min-w-0">
              <Link
                href={`/devices/${encodeURIComponent(device.id)}`}
                className="mr-2 font-medium underline-offset-2 hover:underline phone:py-2"
              >
                {device.id}
              </Link>
              <span className={trouble ? (device.state === 'rolled_back' ? 'text-warn' : 'text-bad') : 'text-accent'}>
                {square.word}
                {square.percent !== null && <span className="figures"> {formatPercent(square.percent).replace('.0', '')}</span>}
              </span>
              {causeOf(device) !== null && <span className="block text-second text-ink-2 wrap-anywhere">{causeOf(device)}</span>}
            </span>
            <Age at={device.stateAt} className="text-second text-ink-3" />
          </li>
        ))}
      </ul>
      {placed.length > most && <p className="px-5 py-2 text-ink-2 phone:px-4">and {placed.length - most} more</p>}
    </Panel>
  );
}

function causeOf({ error, note, attempts, retryAt }: RolloutDeviceFacts): string | null {
  const text = error !== null && error.message !== '' && error.code !== 'device_timeout' ? error.message : note;
  const again = retryAt === null ? '' : ` Tried again by itself; ${attempts} so far.`;
  return text === null || text === '' ? again.trim() || null : `${sentence(text)}${again}`;
}
