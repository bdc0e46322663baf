/** @file All variants as a table, small to large, with what each costs and where its accuracy comes from. */

import { ShieldCheck } from 'lucide-react';
import { Link } from '@/components/link.tsx';
import { buttonClass } from '@/components/ui/button.tsx';
import { Empty } from '@/components/ui/empty.tsx';
import { Panel } from '@/components/ui/panel.tsx';
import { Segmented } from '@/components/ui/segmented.tsx';
import { Cell, Head, HeadRow, NameCell, Row, Table } from '@/components/ui/table.tsx';
import { VariantName } from '@/components/variant-name.tsx';
import { GiveVariantButton } from '@/features/assign/assign-provider.tsx';
import { formatBytes, formatLarge, formatMs, formatPercent, none, plural, shortDigest } from '@/lib/format.ts';
import { isOffered, type VariantFacts, variantHref } from '@/lib/variant-facts.ts';
import type { CatalogueRow, Figure } from './view-model.ts';

export type CatalogueList = 'all' | 'service' | 'retired';

type Props = { rows: CatalogueRow[]; inService: number; retired: CatalogueRow[]; list: CatalogueList; figure: Figure | undefined };

export function Catalogue({ rows, inService, retired, list, figure }: Props) {
  const shown = { all: rows, service: rows.filter(({ devices }) => devices > 0), retired }[list];
  const href = (key: CatalogueList) => {
    const params = [figure === undefined ? '' : `show=${figure}`, key === 'all' ? '' : `list=${key}`].filter((part) => part !== '');
    return params.length === 0 ? '/variants' : `?${params.join('&')}`;
  };
  const options = [
    { key: 'all', label: `All ${rows.length}`, href: href('all') },
    { key: 'service', label: `In service ${inService}`, href: href('service') },
    ...(retired.length > 0 || list === 'retired' ? [{ key: 'retired', label: `Retired ${retired.length}`, href: href('retired') }] : []),
  ];
  return (
    <Panel id="catalogue" title="Catalogue" actions={<Segmented label="Variants shown" current={list} options={options} />}>
      {shown.length === 0 ? (
        <Empty title={list === 'retired' ? 'No variant is retired.' : 'No variant is in service.'}>
          {list === 'retired' ? undefined : 'A device tells what it serves with its first message.'}
        </Empty>
      ) : (
        <>
          <div className="relative overflow-x-auto phone:hidden">
            <Table label="Variants, small to large">
              <HeadRow>
                <Head>Variant</Head>
                <Head numeric>Top-1</Head>
                <Head numeric>p95</Head>
                <Head numeric>Multiply-adds</Head>
                <Head numeric className="max-lg:hidden">
                  Parameters
                </Head>
                <Head numeric>File</Head>
                <Head numeric>Devices</Head>
                <Head className="pl-6 max-[1300px]:hidden">Signed</Head>
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
          <Link href={variantHref(variant.id)} className="underline-offset-2 hover:underline">
            <VariantName variant={variant} tone={devices > 0 ? 'new' : 'old'} chip />
          </Link>
          {variant.rhos.length > 1 && <Served rhos={variant.rhos} />}
          <span className="font-mono text-axis font-normal text-ink-3 max-lg:hidden">{shortDigest(variant.id)}</span>
        </span>
      </NameCell>
      <Cell numeric className={variant.top1 === null ? 'text-ink-4' : 'font-medium'} title={accuracyTitle(variant)}>
        {formatPercent(variant.top1)}
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
      <Cell className="pl-6 max-[1300px]:hidden">
        <SignedWith keyId={variant.keyId} />
      </Cell>
      <Cell numeric>
        {isOffered(variant) ? (
          <span className="-mr-2.5 inline-flex">
            <RollOutLink variant={variant} />
            <GiveVariantButton variantId={variant.id} name={variant.name} size="row" tone="quiet" />
          </span>
        ) : (
          <span className="text-second text-ink-3" title={notOffered(variant).why}>
            {notOffered(variant).word}
          </span>
        )}
      </Cell>
    </Row>
  );
}

function CatalogueItem({ row: { variant, devices, p95 } }: { row: CatalogueRow }) {
  return (
    <li className="grid grid-cols-[minmax(0,1fr)_auto] items-center gap-x-3 gap-y-1 border-line border-b px-4 py-2.5">
      <Link href={variantHref(variant.id)} className="flex min-h-11 items-center">
        <VariantName variant={variant} tone={devices > 0 ? 'new' : 'old'} chip className="font-medium" />
      </Link>
      <span className="figures text-right">
        {variant.top1 === null ? p95 !== null && `p95 ${formatMs(p95)}` : `top-1 ${formatPercent(variant.top1)}`}
      </span>
      <span className="figures text-[12.5px] text-ink-3">
        {formatLarge(variant.multiplyAdds)} multiply-adds, {formatBytes(variant.bytes)}
        <br />
        {devices === 0 ? 'on no device' : `on ${plural(devices, 'device')}`}
        {p95 !== null && variant.top1 !== null && `, p95 ${formatMs(p95)}`}
      </span>
      {isOffered(variant) && (
        <span className="flex flex-col items-end gap-1">
          <RollOutLink variant={variant} />
          <GiveVariantButton variantId={variant.id} name={variant.name} size="row" />
        </span>
      )}
    </li>
  );
}

/** To many devices, in stages. */
function RollOutLink({ variant: { id, name } }: { variant: VariantFacts }) {
  return (
    <Link
      href={`/rollouts/new?step=devices&variant=${id}`}
      title={`Roll ${name} out`}
      className={buttonClass({ size: 'row', tone: 'quiet' })}
    >
      Roll out
    </Link>
  );
}

/** Every resolution of a file that serves several. */
export function Served({ rhos }: { rhos: number[] }) {
  return <span className="text-axis font-normal whitespace-nowrap text-ink-3">serves ρ {rhos.join(', ')}</span>;
}

/** The key whose signature devices check. */
export function SignedWith({ keyId }: { keyId: string | null }) {
  if (keyId === null) return <span className="text-ink-4">{none}</span>;
  return (
    <span className="inline-flex items-center gap-1.5 align-middle" title={`Signed with release key ${keyId}`}>
      <ShieldCheck size={14} strokeWidth={1.75} aria-hidden="true" className="text-ink-3" />
      <span className="font-mono text-second text-ink-2">{shortDigest(keyId)}</span>
    </span>
  );
}

function accuracyTitle({ top5, accuracySource }: VariantFacts): string | undefined {
  const parts = [top5 === null ? '' : `top-5 ${formatPercent(top5)}`, accuracySource === null ? '' : `from ${accuracySource}`];
  return parts.filter((part) => part !== '').join(', ') || undefined;
}

/** Why devices are not given it. */
function notOffered({ stored, retired }: VariantFacts): { word: string; why: string } {
  if (!stored) return { word: 'on a device only', why: 'The hub does not hold this file, so that it cannot give it to others' };
  if (retired) return { word: 'retired', why: 'Given to no further device; those that serve it go on' };
  return { word: 'not signed', why: 'Devices would refuse it: "alpharho variants sign" signs it where the release key is' };
}
