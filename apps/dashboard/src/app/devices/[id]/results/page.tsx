/** @file All results of a device, as they stand in the history. */
import { ChevronLeft, ChevronRight } from 'lucide-react';
import type { Metadata } from 'next';
import { notFound } from 'next/navigation';
import { Link } from '@/components/link.tsx';
import { buttonClass } from '@/components/ui/button.tsx';
import { Empty } from '@/components/ui/empty.tsx';
import { DeviceHistoryFailure, DeviceHistoryPage, NewestLink } from '@/features/device/device-history-page.tsx';
import { ResultTable } from '@/features/device/result-table.tsx';
import { formatInteger } from '@/lib/format.ts';
import { readCursor } from '@/lib/result-cursor.ts';
import { loadDeviceHead } from '@/server/queries/device.ts';
import { orFailure } from '@/server/queries/or-failure.ts';
import { countResults, loadResults } from '@/server/queries/results.ts';

type Props = PageProps<'/devices/[id]/results'>;

export async function generateMetadata({ params }: Props): Promise<Metadata> {
  return { title: `Results of ${decodeURIComponent((await params).id)}` };
}

const pageSize = 50;

export default async function ResultsPage({ params, searchParams }: Props) {
  const [{ id: rawId }, query] = await Promise.all([params, searchParams]);
  const id = decodeURIComponent(rawId);
  const cursor = readCursor(query.from);
  const loaded = await orFailure(() => Promise.all([loadDeviceHead(id), loadResults(id, pageSize, cursor), countResults(id)]));
  if (!loaded.ok) return <DeviceHistoryFailure id={id} subject="Results" cause={loaded.cause} />;
  const [head, page, count] = loaded.value;
  if (head === null) notFound();
  const newest = cursor === undefined;
  return (
    <DeviceHistoryPage
      id={id}
      subject="Results"
      head={head}
      summary={`${formatInteger(count)} kept, ${newest ? 'newest first' : 'an earlier page'}`}
      controls={
        <nav aria-label="Pages of results" className="ml-auto flex gap-2">
          {!newest && <NewestLink href={`/devices/${rawId}/results`} />}
          <PageLink cursor={page.newer} label="Newer" id={rawId} />
          <PageLink cursor={page.older} label="Older" id={rawId} />
        </nav>
      }
    >
      {page.rows.length === 0 ? (
        <Empty title={newest ? 'No results yet.' : 'No results here any more: they were kept for a time and then let go.'} />
      ) : (
        <ResultTable results={page.rows} runnersUp />
      )}
    </DeviceHistoryPage>
  );
}

function PageLink({ cursor, label, id }: { cursor: string | null; label: 'Newer' | 'Older'; id: string }) {
  const icon =
    label === 'Newer' ? (
      <ChevronLeft size={14} strokeWidth={2} aria-hidden="true" />
    ) : (
      <ChevronRight size={14} strokeWidth={2} aria-hidden="true" />
    );
  const content = label === 'Newer' ? [icon, label] : [label, icon];
  if (cursor === null) {
    return (
      <span aria-disabled="true" className={buttonClass({ size: 'row' }, 'cursor-default border-line text-ink-4 hover:bg-raised')}>
        {content[0]}
        {content[1]}
      </span>
    );
  }
  return (
    <Link href={`/devices/${id}/results?from=${cursor}`} className={buttonClass({ size: 'row' })}>
      {content[0]}
      {content[1]}
    </Link>
  );
}
