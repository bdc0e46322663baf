/** @file Devices: all of them, the worst on top, with filters that count before they are clicked. */
import { ArrowDown, ArrowUp } from 'lucide-react';
import type { Metadata } from 'next';
import type { ReactNode } from 'react';
import { Link } from '@/components/link.tsx';
import { LoadFailure } from '@/components/load-failure.tsx';
import { TopBar } from '@/components/shell/top-bar.tsx';
import { buttonClass } from '@/components/ui/button.tsx';
import { Empty } from '@/components/ui/empty.tsx';
import { AssignProvider } from '@/features/assign/assign-provider.tsx';
import { deviceChoices, variantChoices } from '@/features/assign/choices.ts';
import { facetCounts, listDevices } from '@/features/devices/device-list.ts';
import { filterCount, type ListQuery, listHref, readListQuery, type SortKey } from '@/features/devices/device-list-query.ts';
import { DeviceTable } from '@/features/devices/device-table.tsx';
import { Facets } from '@/features/devices/facets.tsx';
import { FilterSheet } from '@/features/devices/filter-sheet.tsx';
import { FirstDevice } from '@/features/devices/first-device.tsx';
import { SearchField } from '@/features/devices/search-field.tsx';
import { EnrolButton, EnrolProvider } from '@/features/enrol/enrol-provider.tsx';
import { fleetView } from '@/features/fleet/view-model.ts';
import { formatInteger, plural } from '@/lib/format.ts';
import { compareVariants } from '@/lib/variant-facts.ts';
import { loadEnrolments, readBoardAddress } from '@/server/queries/enrolment.ts';
import { fleetBucketMs, fleetRangeMs, loadFleet } from '@/server/queries/fleet.ts';
import { orFailure } from '@/server/queries/or-failure.ts';

export const metadata: Metadata = { title: 'Devices' };

/** Rows drawn at once. Filters and sorting always look at all of them. */
const mostRows = 500;

export default async function DevicesPage({ searchParams }: PageProps<'/devices'>) {
  const [loaded, params] = await Promise.all([orFailure(loadPage), searchParams]);
  if (!loaded.ok) {
    return (
      <>
        <TopBar title="Devices" />
        <LoadFailure cause={loaded.cause} />
      </>
    );
  }
  const { facts, enrolments, address } = loaded.value;
  const view = fleetView({ ...facts, bucketMs: fleetBucketMs, rangeMs: fleetRangeMs });
  const query = readListQuery(params);
  const shown = listDevices([...view.devices], query);
  const filters = filterCount(query);
  const total = view.devices.length;
  const facets = <Facets query={query} counts={facetCounts(view.devices)} variants={facts.variants.toSorted(compareVariants)} />;
  return (
    <>
      <TopBar title="Devices" />
      <main id="content">
        <EnrolProvider enrolments={enrolments} known={facts.devices.map(({ id }) => id)} local={address.local}>
          {total === 0 ? (
            <FirstDevice />
          ) : (
            <AssignProvider variants={variantChoices(facts.variants, facts.windows)} devices={deviceChoices(view.devices)}>
              <div className="flex min-h-11 flex-wrap items-center gap-2 border-line border-b px-5 py-1.5 phone:px-4">
                <SearchField query={query} />
                <span className="lg:hidden">
                  <FilterSheet active={filters} shown={plural(shown.length, 'device')}>
                    {facets}
                  </FilterSheet>
                </span>
                <output className="figures text-ink-3">
                  {filters === 0 ? plural(total, 'device') : `${formatInteger(shown.length)} of ${plural(total, 'device')}`}
                  {query.sort === 'worst' && ', worst first'}
                </output>
                <span className="ml-auto flex items-center gap-2">
                  {query.sort !== 'worst' && (
                    <Link
                      href={listHref(query, { sort: 'worst', descending: false })}
                      scroll={false}
                      replace
                      className={buttonClass({ tone: 'quiet' })}
                    >
                      Worst first
                    </Link>
                  )}
                  {filters > 0 && (
                    <Link
                      href={listHref(readListQuery({}), { sort: query.sort, descending: query.descending })}
                      scroll={false}
                      replace
                      className={buttonClass({ tone: 'quiet' })}
                    >
                      Clear filters
                    </Link>
                  )}
                  <EnrolButton />
                </span>
              </div>
              <div className="lg:grid lg:grid-cols-[220px_minmax(0,1fr)]">
                <div className="border-line border-r max-lg:hidden lg:min-h-[calc(100dvh-96px)]">{facets}</div>
                <div className="min-w-0">
                  {shown.length === 0 ? (
                    <div className="pt-5">
                      <Empty title={`No device matches ${plural(filters, 'filter')}.`}>
                        {plural(total, 'device')} without {filters === 1 ? 'it' : 'them'}.
                      </Empty>
                    </div>
                  ) : (
                    <DeviceTable
                      devices={shown.slice(0, mostRows)}
                      trends={view.trends}
                      sortLink={(key, title) => <SortLink query={query} sortKey={key} title={title} />}
                      compact
                    />
                  )}
                  {shown.length > mostRows && (
                    <p className="px-5 py-3 text-ink-2">
                      {plural(shown.length - mostRows, 'more', 'more')}: narrow the list with filters or words.
                    </p>
                  )}
                </div>
              </div>
            </AssignProvider>
          )}
        </EnrolProvider>
      </main>
    </>
  );
}

async function loadPage() {
  const [facts, enrolments, address] = await Promise.all([loadFleet(), loadEnrolments(Date.now()), readBoardAddress()]);
  return { facts, enrolments, address };
}

/** First click: as people read (names up, numbers down); second click: the other way. */
function SortLink({ query, sortKey, title }: { query: ListQuery; sortKey: SortKey; title: ReactNode }) {
  const current = query.sort === sortKey;
  const startsDescending = sortKey === 'fps' || sortKey === 'p95';
  const descending = current ? !query.descending : startsDescending;
  const Arrow = query.descending ? ArrowDown : ArrowUp;
  return (
    <Link
      href={listHref(query, { sort: sortKey, descending })}
      scroll={false}
      replace
      className="inline-flex items-center gap-1 hover:text-ink"
      aria-current={current ? 'true' : undefined}
    >
      {title}
      {current && (
        <Arrow size={12} strokeWidth={2} role="img" aria-label={query.descending ? 'descending' : 'ascending'} className="text-accent" />
      )}
    </Link>
  );
}
