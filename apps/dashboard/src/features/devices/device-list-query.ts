/** @file Which devices the list shows and in which order, as it stands in the address. Pure, and small: the browser reads it too. */

export type SortKey = 'device' | 'connectivity' | 'update' | 'variant' | 'fps' | 'p95';

export const connectivityFacets = ['online', 'late', 'offline', 'new', 'unknown'] as const;
export const updateFacets = ['failed', 'rolled_back', 'in_motion', 'waiting', 'committed', 'on_target', 'no_target'] as const;

export type ConnectivityFacet = (typeof connectivityFacets)[number];
export type UpdateFacet = (typeof updateFacets)[number];

export const updateFacetWords: Record<UpdateFacet, string> = {
  failed: 'Failed',
  rolled_back: 'Rolled back',
  in_motion: 'In motion',
  waiting: 'Waiting',
  committed: 'Committed',
  on_target: 'On target',
  no_target: 'No target',
};

export type ListQuery = {
  text: string;
  connectivity: ConnectivityFacet[];
  update: UpdateFacet[];
  /** Variant ids. */
  variant: string[];
  sort: SortKey | 'worst';
  descending: boolean;
};

type Params = Record<string, string | string[] | undefined>;

const sortKeys: readonly SortKey[] = ['device', 'connectivity', 'update', 'variant', 'fps', 'p95'];
const longestText = 64;

/** Anything in the address that means nothing is left out. */
export function readListQuery(params: Params): ListQuery {
  const list = (name: string) => [params[name] ?? []].flat().flatMap((value) => value.split(','));
  const order = typeof params.sort === 'string' ? params.sort : '';
  const sort = sortKeys.find((key) => key === order.replace(/^-/, '')) ?? 'worst';
  return {
    text: typeof params.q === 'string' ? params.q.trim().slice(0, longestText) : '',
    connectivity: connectivityFacets.filter((facet) => list('connectivity').includes(facet)),
    update: updateFacets.filter((facet) => list('update').includes(facet)),
    variant: list('variant').filter((id) => /^[0-9a-f]{64}$/.test(id)),
    sort,
    descending: sort !== 'worst' && order.startsWith('-'),
  };
}

/** The address of a changed query; what is as usual is not written. */
export function listHref(query: ListQuery, change: Partial<ListQuery> = {}): string {
  const { text, connectivity, update, variant, sort, descending } = { ...query, ...change };
  const params = new URLSearchParams();
  if (text !== '') params.set('q', text);
  if (connectivity.length > 0) params.set('connectivity', connectivity.join(','));
  if (update.length > 0) params.set('update', update.join(','));
  if (variant.length > 0) params.set('variant', variant.join(','));
  if (sort !== 'worst') params.set('sort', `${descending ? '-' : ''}${sort}`);
  const written = params.toString().replaceAll('%2C', ',');
  return written === '' ? '/devices' : `/devices?${written}`;
}

export function toggled<T>(list: T[], entry: T): T[] {
  return list.includes(entry) ? list.filter((other) => other !== entry) : [...list, entry];
}

export function filterCount(query: ListQuery): number {
  return query.connectivity.length + query.update.length + query.variant.length + (query.text === '' ? 0 : 1);
}
