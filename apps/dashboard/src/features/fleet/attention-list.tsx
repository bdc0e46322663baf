/** @file What wants a person: triangle, device, state, cause, age; the worst on top. */
import { ChevronRight } from 'lucide-react';
import { Link } from '@/components/link.tsx';
import { Age } from '@/components/live/age.tsx';
import { SeverityShape } from '@/components/status/severity-shape.tsx';
import { buttonClass } from '@/components/ui/button.tsx';
import { Panel } from '@/components/ui/panel.tsx';
import type { AttentionItem } from '@/lib/attention.ts';
import { plural } from '@/lib/format.ts';
import type { Severity } from '@/lib/status.ts';

const wordTones: Record<Severity, string> = { critical: 'text-bad', warning: 'text-warn', notice: 'text-ink-2' };
const severityWords: Record<Severity, string> = { critical: 'Critical', warning: 'Warning', notice: 'Notice' };

/** More than these push everything else off the page; the devices' list has them all, worst first. */
const most = 8;

export function AttentionList({ items }: { items: AttentionItem[] }) {
  if (items.length === 0) return null;
  const hidden = items.length - most;
  return (
    <Panel id="attention" title="Needs attention" note={`${items.length} open`} className="border-line border-b">
      <ul className="border-line-2 border-t">
        {items.slice(0, most).map((item) => (
          <li key={item.key} className="border-line not-last:border-b hover:bg-sunken">
            <AttentionRow item={item} />
          </li>
        ))}
      </ul>
      {hidden > 0 && (
        <p className="border-line border-t px-5 py-2 text-ink-2 phone:px-4">
          <Link href="/devices" className="text-accent underline-offset-2 hover:underline">
            {plural(hidden, 'more', 'more')} among the devices
          </Link>
        </p>
      )}
    </Panel>
  );
}

function AttentionRow({ item }: { item: AttentionItem }) {
  const { severity, deviceId, word, cause, since } = item;
  return (
    <div className="relative grid min-h-[34px] grid-cols-[16px_104px_112px_minmax(0,1fr)_auto] items-center gap-x-3 px-5 py-1 phone:min-h-[52px] xl:grid-cols-[16px_168px_112px_minmax(0,1fr)_auto] phone:grid-cols-[16px_minmax(0,1fr)_auto_16px] phone:px-4 phone:py-2">
      <span role="img" aria-label={severityWords[severity]} className="phone:row-span-2">
        <SeverityShape severity={severity} />
      </span>
      <span className="contents phone:flex phone:min-w-0 phone:gap-2">
        <span className="truncate font-medium" title={deviceId ?? undefined}>
          {deviceId ?? 'Hub'}
        </span>
        <span className={`whitespace-nowrap ${wordTones[severity]}`}>{word}</span>
      </span>
      <span className="line-clamp-3 min-w-0 text-ink-2 wrap-anywhere phone:col-start-2 phone:row-start-2 phone:text-[12.5px]" title={cause}>
        {cause}
      </span>
      <span className="flex items-center justify-end gap-3 phone:col-start-3 phone:row-start-1">
        {deviceId !== null && (
          <Link
            href={`/devices/${encodeURIComponent(deviceId)}`}
            aria-label={`Open ${deviceId}`}
            className={buttonClass(
              { size: 'row' },
              'row-actions phone:absolute phone:inset-0 phone:h-auto phone:border-0 phone:bg-transparent phone:text-[0px]',
            )}
          >
            Open
          </Link>
        )}
        {since !== null && <Age at={since} className="min-w-14 text-right text-second text-ink-3" />}
      </span>
      {deviceId !== null && (
        <ChevronRight
          size={16}
          strokeWidth={1.75}
          aria-hidden="true"
          className="hidden text-ink-3 phone:col-start-4 phone:row-span-2 phone:row-start-1 phone:block"
        />
      )}
    </div>
  );
}
