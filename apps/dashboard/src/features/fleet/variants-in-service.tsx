/** @file Which variants the fleet runs, by board, with how slow each is where it is slowest. */
import { Link } from '@/components/link.tsx';
import { Empty } from '@/components/ui/empty.tsx';
import { Panel } from '@/components/ui/panel.tsx';
import { Cell, Head, HeadRow, NameCell, Row, Table } from '@/components/ui/table.tsx';
import { Tick } from '@/components/ui/tick.tsx';
import { VariantName } from '@/components/variant-name.tsx';
import { formatMs, formatPercent, plural } from '@/lib/format.ts';
import { type FleetView, mostDevices, type ServiceBoard, serviceReading } from './view-model.ts';

export function VariantsInService({ service }: { service: FleetView['service'] }) {
  return (
    <Panel id="service" title="Variants in service" note="by board">
      {service.rows.length === 0 ? (
        <Empty title="No device serves a variant." />
      ) : (
        <>
          <BoardBars boards={service.boards} />
          <Table label="Variants in service" className="mt-1">
            <HeadRow>
              <Head>Variant</Head>
              <Head numeric>Devices</Head>
              <Head numeric className="phone:hidden">
                Top-1
              </Head>
              <Head numeric>Worst p95</Head>
            </HeadRow>
            <tbody>
              {service.rows.map(({ variant, devices, worstP95, worstDevice, step }) => (
                <Row key={variant.id}>
                  <NameCell>
                    <span className="flex items-center gap-2.5 font-normal">
                      <span aria-hidden="true" className="h-[15px] w-2 shrink-0" style={{ background: `var(--v${step})` }} />
                      <VariantName variant={variant} chip />
                    </span>
                  </NameCell>
                  <Cell numeric>{devices}</Cell>
                  <Cell numeric className={`phone:hidden ${variant.top1 === null ? 'text-ink-4' : ''}`}>
                    {formatPercent(variant.top1)}
                  </Cell>
                  <Cell numeric title={worstDevice ?? undefined}>
                    <Tick>{formatMs(worstP95)}</Tick>
                  </Cell>
                </Row>
              ))}
            </tbody>
          </Table>
        </>
      )}
      <p className="px-5 py-2.5 phone:px-4">
        <Link href="/variants" className="text-accent underline-offset-2 hover:underline">
          All variants
        </Link>
      </p>
    </Panel>
  );
}

function BoardBars({ boards }: { boards: ServiceBoard[] }) {
  const most = mostDevices(boards);
  return (
    <div role="img" aria-label={serviceReading(boards)} className="grid gap-2 px-5 pt-1 pb-2 phone:px-4">
      {boards.map(({ board, devices, parts }) => (
        <div key={board} className="grid grid-cols-[120px_minmax(0,1fr)] items-center gap-3">
          <span className="truncate" title={board}>
            <bdi>{board}</bdi> <span className="figures text-ink-3">{devices}</span>
          </span>
          <span className="flex h-4 gap-0.5" style={{ width: `${(devices / most) * 100}%` }}>
            {parts.map(({ variantId, name, devices: count, step }) => (
              <span
                key={variantId}
                title={`${name}: ${plural(count, 'device')}`}
                style={{ flexGrow: count, background: `var(--v${step})` }}
              />
            ))}
          </span>
        </div>
      ))}
    </div>
  );
}
