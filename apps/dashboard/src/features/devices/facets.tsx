/** @file Filters of the device list: each a link, counted, so that the address always says what is shown. */
import { Check } from 'lucide-react';
import type { ReactNode } from 'react';
import { Link } from '@/components/link.tsx';
import { ConnectivityShape } from '@/components/status/connectivity-shape.tsx';
import { UpdateShape } from '@/components/status/update-shape.tsx';
import { VariantName } from '@/components/variant-name.tsx';
import { connectivityWords, type UpdateState } from '@/lib/status.ts';
import type { VariantFacts } from '@/lib/variant-facts.ts';
import type { facetCounts } from './device-list.ts';
import {
  connectivityFacets,
  type ListQuery,
  listHref,
  toggled,
  type UpdateFacet,
  updateFacets,
  updateFacetWords,
} from './device-list-query.ts';

type Props = { query: ListQuery; counts: ReturnType<typeof facetCounts>; variants: VariantFacts[] };

const updateShapes: Record<UpdateFacet, UpdateState> = {
  failed: 'failed',
  rolled_back: 'rolled_back',
  in_motion: 'switching',
  waiting: 'waiting',
  committed: 'committed',
  on_target: 'on_target',
  no_target: 'no_target',
};

export function Facets({ query, counts, variants }: Props) {
  const served = variants.filter(({ id }) => counts.variant.has(id));
  return (
    <nav aria-label="Filters" className="divide-y divide-line">
      <Group title="Connectivity">
        {connectivityFacets
          .filter((facet) => counts.connectivity.has(facet) || query.connectivity.includes(facet))
          .map((facet) => (
            <Facet
              key={facet}
              href={listHref(query, { connectivity: toggled(query.connectivity, facet) })}
              chosen={query.connectivity.includes(facet)}
              count={counts.connectivity.get(facet) ?? 0}
            >
              <ConnectivityShape state={facet} /> {connectivityWords[facet]}
            </Facet>
          ))}
      </Group>
      <Group title="Update">
        {updateFacets
          .filter((facet) => counts.update.has(facet) || query.update.includes(facet))
          .map((facet) => (
            <Facet
              key={facet}
              href={listHref(query, { update: toggled(query.update, facet) })}
              chosen={query.update.includes(facet)}
              count={counts.update.get(facet) ?? 0}
            >
              <UpdateShape state={updateShapes[facet]} /> {updateFacetWords[facet]}
            </Facet>
          ))}
      </Group>
      <Group title="Variant">
        {served.map((variant) => (
          <Facet
            key={variant.id}
            href={listHref(query, { variant: toggled(query.variant, variant.id) })}
            chosen={query.variant.includes(variant.id)}
            count={counts.variant.get(variant.id) ?? 0}
          >
            <VariantName variant={variant} />
          </Facet>
        ))}
      </Group>
    </nav>
  );
}

function Group({ title, children }: { title: string; children: ReactNode }) {
  return (
    <div className="px-5 py-3">
      <h2 className="pb-1 text-ink-2">{title}</h2>
      <ul>{children}</ul>
    </div>
  );
}

function Facet({ href, chosen, count, children }: { href: string; chosen: boolean; count: number; children: ReactNode }) {
  return (
    <li>
      <Link
        href={href}
        scroll={false}
        replace
        aria-current={chosen ? 'true' : undefined}
        className="flex h-[26px] items-center gap-2.5 hover:text-accent"
      >
        <span
          aria-hidden="true"
          className={`grid size-[14px] shrink-0 place-items-center rounded-[3px] border ${chosen ? 'border-accent bg-accent text-on-accent' : 'border-line-3'}`}
        >
          {chosen && <Check size={10} strokeWidth={3} />}
        </span>
        <span className="inline-flex min-w-0 items-center gap-2 truncate">{children}</span>
        <span className="figures ml-auto text-ink-3">{count}</span>
      </Link>
    </li>
  );
}
