/** @file All results of a device, as they stand in the history. */
import { ChevronLeft, ChevronRight } from 'lucide-react';
import type { Metadata } from 'next';
import { notFound } from 'next/navigation';
import { Link } from '@/components/link.tsx';
import { LoadFailure } from '@/components/load-failure.tsx';
import { TopBar } from '@/components/shell/top-bar.tsx';
import { buttonClass } from '@/components/ui/button.tsx';
import { Empty } from '@/components/ui/empty.tsx';
import { DeviceHeader } from '@/features/device/device-header.tsx';
import { ResultTable } from '@/features/device/result-table.tsx';
import { judge } from '@/lib/attention.ts';
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
  const parent = { href: `/devices/${rawId}`, label: id };
  const loaded = await orFailure(() => Promise.all([loadDeviceHead(id), loadResults(id, pageSize, cursor), countResults(id)]));
  if (!loaded.ok) {
    return (
      <>
        <TopBar title={`Results of ${id}`} parent={parent} />
        <LoadFailure cause={loaded.cause} />
      </>
    );
  }
  const [head, page, count] = loaded.value;
  if (head === null) notFound();
  const newest = cursor === undefined;
  return (
    <>
      <TopBar title={`Results of ${id}`} parent={parent} />
      <main id="content">
        <DeviceHeader device={judge(head.device, head.hub, head.now)} />
        <section aria-labelledby="results">
          <div className="flex min-h-11 flex-wrap items-center gap-x-3 gap-y-1 px-5 py-1 phone:px-4">
            <h2 id="results" className="font-semibold">
              Results
            </h2>
            <span className="figures text-second text-ink-3">
              {formatInteger(count)} kept, {newest ? 'newest first' : 'an earlier page'}
            </span>
            <nav aria-label="Pages of results" className="ml-auto flex gap-2">
              {!newest && (
                <Link href={`/devices/${rawId}/results`} className={buttonClass({ tone: 'quiet', size: 'row' })}>
                  Newest
                </Link>
              )}
              <PageLink cursor={page.newer} label="Newer" id={rawId} />
              <PageLink cursor={page.older} label="Older" id={rawId} />
            </nav>
          </div>
          {page.rows.length === 0 ? (
            <Empty title={newest ? 'No results yet.' : 'No results here any more: they were kept for a time and then let go.'} />
          ) : (
            <ResultTable results={page.rows} runnersUp />
          )}
        </section>
      </main>
    </>
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
