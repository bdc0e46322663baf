/** @file All variants as a table, small to large, with what each costs and where its accuracy comes from. */

import { Empty } from '@/components/ui/empty.tsx';
import { Panel } from '@/components/ui/panel.tsx';
import { Segmented } from '@/components/ui/segmented.tsx';
import { Cell, Head, HeadRow, NameCell, Row, Table } from '@/components/ui/table.tsx';
import { VariantName } from '@/components/variant-name.tsx';
import { GiveVariantButton } from '@/features/assign/assign-provider.tsx';
import { formatBytes, formatLarge, formatMs, formatPercent, none, plural, shortDigest } from '@/lib/format.ts';
import type { CatalogueRow, Figure } from './view-model.ts';

type Props = { rows: CatalogueRow[]; inService: number; servingOnly: boolean; figure: Figure | undefined };

export function Catalogue({ rows, inService, servingOnly, figure }: Props) {
  const shown = servingOnly ? rows.filter(({ devices }) => devices > 0) : rows;
  const href = (list: 'all' | 'service') => {
    const params = [figure === undefined ? '' : `show=${figure}`, list === 'service' ? 'list=service' : ''].filter((part) => part !== '');
    return params.length === 0 ? '/variants' : `?${params.join('&')}`;
  };
  const options = [
    { key: 'all', label: `All ${rows.length}`, href: href('all') },
    { key: 'service', label: `In service ${inService}`, href: href('service') },
  ];
  return (
    <Panel
      id="catalogue"
      title="Catalogue"
      actions={<Segmented label="Variants shown" current={servingOnly ? 'service' : 'all'} options={options} />}
    >
      {shown.length === 0 ? (
        <Empty title="No variant is in service.">A device tells what it serves with its first message.</Empty>
      ) : (
        <>
          <div className="relative overflow-x-auto phone:hidden">
            <Table label="Variants, small to large">
              <HeadRow>
                <Head>Variant</Head>
                <Head numeric>Top-1</Head>
                <Head className="max-[1300px]:hidden">Accuracy from</Head>
                <Head numeric>p95</Head>
                <Head numeric>Multiply-adds</Head>
                <Head numeric className="max-lg:hidden">
                  Parameters
                </Head>
                <Head numeric>File</Head>
                <Head numeric>Devices</Head>
                <Head className="w-32">
                  <span className="sr-only">Actions</span>
                </Head>
              </HeadRow>
              <tbody>
                {shown.map((row) => (
                  <CatalogueRowView key={row.variant.id} row={row} />
                ))}
              </tbody>
            </Table>
          </div>
          <ul className="hidden border-line-2 border-t phone:block" aria-label="Variants, small to large">
            {shown.map((row) => (
              <CatalogueItem key={row.variant.id} row={row} />
            ))}
          </ul>
        </>
      )}
    </Panel>
  );
}

function CatalogueRowView({ row: { variant, devices, p95 } }: { row: CatalogueRow }) {
  const quiet = (missing: boolean) => (missing ? 'text-ink-4' : '');
  return (
    <Row>
      <NameCell>
        <span className="flex items-center gap-2.5" title={variant.provenance ?? undefined}>
          <VariantName variant={variant} tone={devices > 0 ? 'new' : 'old'} chip />
          <span className="font-mono text-axis font-normal text-ink-3 max-lg:hidden">{shortDigest(variant.id)}</span>
        </span>
      </NameCell>
      <Cell
        numeric
        className={variant.top1 === null ? 'text-ink-4' : 'font-medium'}
        title={variant.top5 === null ? undefined : `top-5 ${formatPercent(variant.top5)}`}
      >
        {formatPercent(variant.top1)}
      </Cell>
      <Cell className="max-w-52 truncate text-ink-3 max-[1300px]:hidden" title={variant.accuracySource ?? undefined}>
        {variant.accuracySource ?? <span className="text-ink-4">{none}</span>}
      </Cell>
      <Cell numeric className={quiet(p95 === null)}>
        {formatMs(p95)}
      </Cell>
      <Cell numeric className={quiet(variant.multiplyAdds === null)}>
        {formatLarge(variant.multiplyAdds)}
      </Cell>
      <Cell numeric className={`max-lg:hidden ${quiet(variant.parameters === null)}`}>
        {formatLarge(variant.parameters)}
      </Cell>
      <Cell numeric>{formatBytes(variant.bytes)}</Cell>
      <Cell numeric className={quiet(devices === 0)}>
        {devices === 0 ? none : devices}
      </Cell>
      <Cell numeric>
        {variant.stored ? (
          <GiveVariantButton variantId={variant.id} name={variant.name} size="row" tone="quiet" className="-mr-2.5" />
        ) : (
          <span className="text-second text-ink-3" title="The hub does not hold this file, so that it cannot give it to others">
            on a device only
          </span>
        )}
      </Cell>
    </Row>
  );
}

function CatalogueItem({ row: { variant, devices, p95 } }: { row: CatalogueRow }) {
  return (
    <li className="grid grid-cols-[minmax(0,1fr)_auto] items-center gap-x-3 gap-y-1 border-line border-b px-4 py-2.5">
      <VariantName variant={variant} tone={devices > 0 ? 'new' : 'old'} chip className="font-medium" />
      <span className="figures text-right">
        {variant.top1 === null ? p95 !== null && `p95 ${formatMs(p95)}` : `top-1 ${formatPercent(variant.top1)}`}
      </span>
      <span className="figures text-[12.5px] text-ink-3">
        {formatLarge(variant.multiplyAdds)} multiply-adds, {formatBytes(variant.bytes)}
        <br />
        {devices === 0 ? 'on no device' : `on ${plural(devices, 'device')}`}
        {p95 !== null && variant.top1 !== null && `, p95 ${formatMs(p95)}`}
      </span>
      {variant.stored && <GiveVariantButton variantId={variant.id} name={variant.name} size="row" />}
    </li>
  );
}
