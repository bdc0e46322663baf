/** @file The verdict in one sentence, and the gates that it rests on: control, new, change, interval against limit, frames, verdict. */
import type { ReactNode } from 'react';
import { ClockAt } from '@/components/live/clock-at.tsx';
import { Cell, Head, HeadRow, NameCell, Row, Table } from '@/components/ui/table.tsx';
import { cn } from '@/lib/cn.ts';
import { formatAge, plural } from '@/lib/format.ts';
import type { GateRow, GateView } from './gate-model.ts';
import { IntervalPlot } from './interval-plot.tsx';
import { VerdictWord, verdictTones } from './verdict-word.tsx';

export function VerdictBand({ view, follows }: { view: GateView; follows: ReactNode }) {
  return (
    <div
      role="status"
      className={`grid gap-x-6 gap-y-1 border-line border-b px-5 py-2.5 sm:grid-cols-[auto_minmax(0,1fr)_auto] sm:items-center phone:px-4 ${verdictTones[view.outcome]}`}
    >
      <VerdictWord verdict={view.outcome} chip={false} className="text-title" />
      <div className="min-w-0">
        <p className="text-ink wrap-anywhere">
          {view.sentence}
          {view.others > 0 && ` ${plural(view.others, 'gate')} more ${view.others === 1 ? 'says' : 'say'} so.`}
        </p>
        <p className="text-ink-2">{follows}</p>
      </div>
      <p className="figures text-second text-ink-2 sm:text-right">
        Window {formatAge(view.to - view.from)}
        <span className="block phone:ml-2 phone:inline">
          judged <ClockAt at={view.at} />
        </span>
      </p>
    </div>
  );
}

export function GateTable({ rows }: { rows: GateRow[] }) {
  return (
    <>
      <section
        aria-label="Gates"
        className="relative overflow-x-auto phone:hidden" /* biome-ignore lint/a11y/noNoninteractiveTabindex: it scrolls where there is little room */
        tabIndex={0}
      >
        <Table label="Gates">
          <HeadRow>
            <Head>Metric</Head>
            <Head numeric>Control</Head>
            <Head numeric>New</Head>
            <Head numeric>Change</Head>
            <Head className="min-w-28">95 % interval</Head>
            <Head>Limit</Head>
            <Head numeric>Frames</Head>
            <Head numeric>Verdict</Head>
          </HeadRow>
          <tbody>
            {rows.map((row) => (
              <TableRow key={row.key} row={row} />
            ))}
          </tbody>
        </Table>
      </section>
      <ul aria-label="Gates" className="hidden phone:block">
        {rows.map((row) => (
          <PhoneRow key={row.key} row={row} />
        ))}
      </ul>
    </>
  );
}

const grounds = { pass: '', inconclusive: 'bg-warn-soft/50', fail: 'bg-bad-soft/60' };

function TableRow({ row }: { row: GateRow }) {
  const told = row.verdict !== 'pass';
  return (
    <>
      <Row className={cn(grounds[row.verdict], told && 'border-0')}>
        <NameCell className="h-11 leading-4">
          {row.metric}
          <span className="block font-normal text-second text-ink-3">{row.about}</span>
        </NameCell>
        <Cell numeric className="text-ink-2">
          {row.control}
        </Cell>
        <Cell numeric className="font-medium">
          {row.value}
        </Cell>
        <Cell numeric className={toneOf(row)}>
          {row.change}
        </Cell>
        <Cell>
          <RowPlot row={row} />
        </Cell>
        <Cell className="text-second text-ink-2">{row.limit}</Cell>
        <Cell numeric className="text-ink-2">
          {row.frames}
        </Cell>
        <Cell numeric>
          <VerdictWord verdict={row.verdict} />
        </Cell>
      </Row>
      {told && (
        <Row className={grounds[row.verdict]}>
          <Cell colSpan={8} className="h-auto pb-2 whitespace-normal text-second text-ink-2">
            {row.reason}
          </Cell>
        </Row>
      )}
    </>
  );
}

function PhoneRow({ row }: { row: GateRow }) {
  return (
    <li className={`grid grid-cols-[minmax(0,1fr)_104px_auto] items-center gap-x-3 border-line border-b px-4 py-2 ${grounds[row.verdict]}`}>
      <span className="min-w-0">
        <span className="block font-medium">{row.metric}</span>
        <span className="block text-[12.5px] text-ink-3">
          {row.about}, {row.frames}
        </span>
      </span>
      <RowPlot row={row} />
      <span className="figures flex flex-col items-end">
        <span className={toneOf(row)}>{row.change}</span>
        <VerdictWord verdict={row.verdict} chip={false} className="text-[12.5px]" />
      </span>
      {row.verdict !== 'pass' && <span className="col-span-3 text-[12.5px] text-ink-2">{row.reason}</span>}
    </li>
  );
}

function toneOf({ verdict, worse }: GateRow): string {
  if (verdict === 'fail') return 'text-bad';
  return worse && verdict === 'inconclusive' ? 'text-warn' : '';
}

function RowPlot({ row }: { row: GateRow }) {
  if (row.plot === null) return <span className="text-second text-ink-3">not known yet</span>;
  return <IntervalPlot plot={row.plot} verdict={row.verdict} label={`${row.change}, limit ${row.limit}`} />;
}
