/** @file Latency over the chosen time, as lanes or as a table; both are in the address. */
import { ChartLine, Table2 } from 'lucide-react';
import { Link } from '@/components/link.tsx';
import { ClockAt } from '@/components/live/clock-at.tsx';
import { buttonClass } from '@/components/ui/button.tsx';
import { Empty } from '@/components/ui/empty.tsx';
import { Panel } from '@/components/ui/panel.tsx';
import { Segmented } from '@/components/ui/segmented.tsx';
import { Cell, Head, HeadRow, Row, Table } from '@/components/ui/table.tsx';
import { type DeviceQuery, deviceHref } from '@/lib/device-query.ts';
import { formatInteger, formatMsNumber } from '@/lib/format.ts';
import { rangeKeys, ranges } from '@/lib/ranges.ts';
import { namesApart, type VariantFacts } from '@/lib/variant-facts.ts';
import { ChartLanes } from './chart-lanes.tsx';
import type { DeviceChart } from './chart-model.ts';

type Props = { chart: DeviceChart; query: DeviceQuery; variants: Map<string, VariantFacts>; zone: string };

export function HistoryPanel({ chart, query, variants, zone }: Props) {
  const { range, table } = query;
  return (
    <Panel
      id="history"
      title={ranges[range].title}
      note={ranges[range].windows}
      actions={
        <>
          <Link
            href={deviceHref(query, { table: !table })}
            scroll={false}
            replace
            className={buttonClass({ tone: 'quiet', size: 'row' }, 'phone:-mr-3')}
          >
            {table ? <ChartLine size={14} strokeWidth={2} aria-hidden="true" /> : <Table2 size={14} strokeWidth={2} aria-hidden="true" />}
            {table ? 'View as chart' : 'View as table'}
          </Link>
          <Segmented
            label="Time shown"
            current={range}
            options={rangeKeys.map((key) => ({ key, label: ranges[key].label, href: deviceHref(query, { range: key }) }))}
          />
        </>
      }
    >
      {chart.points.length === 0 ? (
        <Empty title={`No frames in ${ranges[range].title.replace('Last', 'the last')}.`}>A longer time may hold some.</Empty>
      ) : table ? (
        <HistoryTable chart={chart} variants={variants} />
      ) : (
        <ChartLanes chart={chart} range={range} variants={variants} zone={zone} />
      )}
    </Panel>
  );
}

function HistoryTable({ chart, variants }: Pick<Props, 'chart' | 'variants'>) {
  const name = namesApart(variants);
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: a region that scrolls must be reachable by keyboard
    <section tabIndex={0} aria-label="Latency as a table" className="max-h-[420px] overflow-auto">
      <Table label="Latency by window">
        <HeadRow>
          <Head>From</Head>
          <Head>Variant</Head>
          <Head numeric>Frames</Head>
          <Head numeric>Dropped</Head>
          <Head numeric>p50, ms</Head>
          <Head numeric>p95, ms</Head>
          <Head numeric>p99, ms</Head>
        </HeadRow>
        <tbody>
          {chart.points.toReversed().map((point) => (
            <Row key={`${point.start} ${point.variantId}`}>
              <Cell>
                <ClockAt at={point.start} exact />
              </Cell>
              <Cell>{name(point.variantId)}</Cell>
              <Cell numeric>{formatInteger(point.frames)}</Cell>
              <Cell numeric>{formatInteger(point.dropped)}</Cell>
              <Cell numeric>{formatMsNumber(point.p50)}</Cell>
              <Cell numeric className="font-medium">
                {formatMsNumber(point.p95)}
              </Cell>
              <Cell numeric>{formatMsNumber(point.p99)}</Cell>
            </Row>
          ))}
        </tbody>
      </Table>
    </section>
  );
}
