/** @file A variant's page: what it is, what it measured where, who uses it, what happened to it. */
import { Link } from '@/components/link.tsx';
import { Age } from '@/components/live/age.tsx';
import { CopyButton } from '@/components/ui/copy-button.tsx';
import { Empty } from '@/components/ui/empty.tsx';
import { Panel } from '@/components/ui/panel.tsx';
import { Cell, Head, HeadRow, NameCell, Row, Table } from '@/components/ui/table.tsx';
import { formatBytes, formatInteger, formatLarge, formatMs, formatPercent, formatRate, plural, shortDigest } from '@/lib/format.ts';
import type { VariantPageFacts } from '@/server/queries/variant.ts';
import { Fact, Minor, Nothing } from '../device/fact.tsx';
import { SignedWith } from '../variants/catalogue.tsx';

type Props = { facts: VariantPageFacts };

export function VariantFactsGrid({ facts: { variant, addedAt, signedAt } }: Props) {
  const { id, rhos, rho, top1, top5, accuracySource } = variant;
  return (
    <dl className="grid grid-cols-2 gap-x-5 gap-y-2.5 border-line border-b px-5 py-3 sm:grid-cols-3 xl:grid-cols-6 phone:px-4">
      <Fact label="α">{variant.alpha}</Fact>
      <Fact label="ρ">{rhos.length > 1 ? `serves ρ ${rhos.join(', ')}` : rho}</Fact>
      <Fact label="Precision">{variant.precision}</Fact>
      <Fact label="Multiply-adds">{variant.multiplyAdds === null ? <Nothing /> : formatLarge(variant.multiplyAdds)}</Fact>
      <Fact label="Parameters">{variant.parameters === null ? <Nothing /> : formatLarge(variant.parameters)}</Fact>
      <Fact label="File" title={`${formatInteger(variant.bytes)} bytes`}>
        {formatBytes(variant.bytes)}
      </Fact>
      <Fact label="Licence" title={variant.licence ?? undefined}>
        {variant.licence ?? <Nothing />}
      </Fact>
      <Fact label="Digest">
        <span className="-my-0.5 inline-flex items-center gap-1 phone:-my-3">
          <span className="font-mono text-second">{shortDigest(id)}</span>
          <CopyButton text={id} label="Copy the whole digest" />
        </span>
      </Fact>
      <Fact label="Signed">
        <span className="inline-flex items-center gap-1.5">
          <SignedWith keyId={variant.keyId} />
          {signedAt !== null && <Age at={signedAt} className="text-second text-ink-3" />}
        </span>
      </Fact>
      <Fact label="In the registry">{addedAt === null ? <Nothing /> : <Age at={addedAt} />}</Fact>
      <div className="col-span-full min-w-0">
        <dt className="text-axis text-ink-3">Accuracy</dt>
        <dd className="wrap-anywhere">
          {top1 === null ? (
            <Nothing />
          ) : (
            <>
              top-1 {formatPercent(top1)}
              {top5 !== null && `, top-5 ${formatPercent(top5)}`}
              {accuracySource !== null && <Minor> from {accuracySource}</Minor>}
            </>
          )}
        </dd>
      </div>
      <div className="col-span-full min-w-0">
        <dt className="text-axis text-ink-3">Weights from</dt>
        <dd className="wrap-anywhere">{variant.provenance ?? <Nothing />}</dd>
      </div>
    </dl>
  );
}

export function MeasuredTable({ facts: { measured, variant } }: Props) {
  const several = variant.rhos.length > 1;
  return (
    <Panel id="measured" title="Measured by the fleet" note="last 30 days, every frame">
      {measured.length === 0 ? (
        <Empty title="Not measured in the last 30 days.">Each device measures the variant that it serves.</Empty>
      ) : (
        <div className="relative overflow-x-auto">
          <Table label="Measured, by class of hardware">
            <HeadRow>
              <Head>Hardware</Head>
              {several && <Head numeric>ρ</Head>}
              <Head numeric>p50</Head>
              <Head numeric>p95</Head>
              <Head numeric className="phone:hidden">
                Frames/s
              </Head>
              <Head numeric className="phone:hidden">
                Memory
              </Head>
              <Head numeric className="max-lg:hidden">
                Frames
              </Head>
              <Head numeric className="phone:hidden">
                Devices
              </Head>
            </HeadRow>
            <tbody>
              {measured.map((row) => (
                <Row key={`${row.hardwareClass} ${row.rho}`}>
                  <NameCell className="phone:max-w-52 phone:whitespace-normal phone:py-2">
                    {row.hardwareClass}
                    <span className="hidden font-normal text-[12.5px] text-ink-3 phone:block">
                      {formatRate(row.fps)} frames/s, {formatBytes(row.memoryBytes)}, {plural(row.devices, 'device')}
                    </span>
                  </NameCell>
                  {several && <Cell numeric>{row.rho}</Cell>}
                  <Cell numeric>{formatMs(row.p50)}</Cell>
                  <Cell numeric className="font-medium" title={`p99 ${formatMs(row.p99)}`}>
                    {formatMs(row.p95)}
                  </Cell>
                  <Cell numeric className="phone:hidden">
                    {formatRate(row.fps)}
                  </Cell>
                  <Cell numeric className="phone:hidden" title={`on average; at most ${formatBytes(row.memoryMostBytes)}`}>
                    {formatBytes(row.memoryBytes)}
                  </Cell>
                  <Cell numeric className="max-lg:hidden">
                    {formatInteger(row.frames)}
                  </Cell>
                  <Cell numeric className="phone:hidden">
                    {row.devices}
                  </Cell>
                </Row>
              ))}
            </tbody>
          </Table>
        </div>
      )}
    </Panel>
  );
}

export function UsesList({ facts: { uses } }: Props) {
  return (
    <Panel id="uses" title="In use" note={uses.length === 0 ? undefined : plural(uses.length, 'device')}>
      {uses.length === 0 ? (
        <Empty title="Nothing uses it." />
      ) : (
        <ul className="border-line-2 border-t" aria-label="In use">
          {uses.map(({ deviceId, how }) => (
            <li
              key={deviceId}
              className="flex min-h-[34px] flex-wrap items-center gap-x-3 border-line border-b px-5 phone:min-h-11 phone:px-4"
            >
              {deviceId.startsWith('rollout ') ? (
                <span className="font-medium">{deviceId}</span>
              ) : (
                <Link href={`/devices/${encodeURIComponent(deviceId)}`} className="font-medium underline-offset-2 hover:underline">
                  {deviceId}
                </Link>
              )}
              <span className="text-ink-2">{how}</span>
            </li>
          ))}
        </ul>
      )}
    </Panel>
  );
}

export function VariantHistory({ facts: { events } }: Props) {
  return (
    <Panel id="history" title="History">
      {events.length === 0 ? (
        <Empty title="Only a device told of it." />
      ) : (
        <ol className="border-line-2 border-t" aria-label="History">
          {events.map(({ id, at, message }) => (
            <li key={id} className="flex min-h-[34px] items-start gap-2.5 border-line border-b px-5 py-[7px] phone:px-4">
              <Age at={at} className="w-[58px] shrink-0 text-ink-3" />
              <span className="min-w-0 wrap-anywhere">{message}</span>
            </li>
          ))}
        </ol>
      )}
    </Panel>
  );
}

/** The first names of many say what it tells apart; the rest opens. */
const namesAtOnce = 12;

export function LabelList({ facts: { labels, variant } }: Props) {
  return (
    <Panel id="labels" title="Classes" note={plural(variant.classes, 'class', 'classes')}>
      {labels === null ? (
        <Empty title="Their names are on the device only." />
      ) : (
        <div className="px-5 pb-4 text-ink-2 phone:px-4">
          <p className="wrap-anywhere">
            {labels.slice(0, namesAtOnce).join(', ')}
            {labels.length > namesAtOnce && ' …'}
          </p>
          {labels.length > namesAtOnce && (
            <details className="mt-1">
              <summary className="cursor-pointer text-accent">All {formatInteger(labels.length)}</summary>
              <p className="mt-1 max-h-80 overflow-y-auto wrap-anywhere">{labels.join(', ')}</p>
            </details>
          )}
        </div>
      )}
    </Panel>
  );
}
