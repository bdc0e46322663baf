/** @file What the fleet measured: p50 to p95 of each variant on each class of board, on one scale from zero. */
import { group, max } from 'd3-array';
import { Empty } from '@/components/ui/empty.tsx';
import { Panel } from '@/components/ui/panel.tsx';
import { Tick } from '@/components/ui/tick.tsx';
import { VariantName } from '@/components/variant-name.tsx';
import { formatMs, plural } from '@/lib/format.ts';
import type { Measured } from './view-model.ts';

export function MeasuredLatency({ measured }: { measured: Measured[] }) {
  const most = (max(measured, ({ p95 }) => p95) ?? 1) * 1.02;
  return (
    <Panel id="measured" title="Measured latency" note="p50 to p95, last 30 m, from zero">
      {measured.length === 0 ? (
        <Empty title="Nothing measured in the last 30 minutes.">Each device measures the variant that it serves.</Empty>
      ) : (
        <div className="pb-4">
          {[...group(measured, ({ board }) => board)].map(([board, rows]) => (
            <div key={board} className="px-5 pt-1 phone:px-4">
              <h3 className="py-1 text-second text-ink-3">{board}</h3>
              <ul className="grid gap-1.5">
                {rows.map((row) => (
                  <MeasuredRow key={row.variant.id} row={row} most={most} />
                ))}
              </ul>
            </div>
          ))}
        </div>
      )}
    </Panel>
  );
}

function MeasuredRow({ row: { variant, p50, p95, devices }, most }: { row: Measured; most: number }) {
  const share = (ms: number) => `${(ms / most) * 100}%`;
  return (
    <li
      className="grid grid-cols-[148px_minmax(0,1fr)_68px] items-center gap-3 phone:grid-cols-[132px_minmax(0,1fr)_64px]"
      title={`${plural(devices, 'device')}, p50 ${formatMs(p50)}`}
    >
      <VariantName variant={variant} />
      <span role="img" aria-label={`p50 ${formatMs(p50)}, p95 ${formatMs(p95)}`} className="relative h-2 bg-track">
        <span className="absolute inset-y-0 bg-accent-2" style={{ left: share(p50), width: `max(2px, ${((p95 - p50) / most) * 100}%)` }} />
        <span className="absolute -inset-y-1 w-[1.5px] bg-ink" style={{ left: share(p95) }} />
      </span>
      <span className="text-right font-medium">
        <Tick>{formatMs(p95)}</Tick>
      </span>
    </li>
  );
}
