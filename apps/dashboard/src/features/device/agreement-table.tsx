/** @file Desired against reported: agreement is faint, a difference is a soft row with its reason. */
import { Check } from 'lucide-react';
import { Empty } from '@/components/ui/empty.tsx';
import { Panel } from '@/components/ui/panel.tsx';
import { Cell, Head, HeadRow, NameCell, Row, Table } from '@/components/ui/table.tsx';
import type { AgreementRow } from './agreement.ts';

export function AgreementTable({ rows, failed }: { rows: AgreementRow[]; failed: boolean }) {
  const agreeing = rows.filter(({ agrees }) => agrees).length;
  const soft = failed ? 'bg-bad-soft hover:bg-bad-soft' : 'bg-accent-soft hover:bg-accent-soft';
  const tone = failed ? 'text-bad' : 'text-accent';
  return (
    <Panel id="agreement" title="Desired and reported" note={rows.length === 0 ? undefined : `${agreeing} of ${rows.length} agree`}>
      {rows.length === 0 ? (
        <Empty title="Nothing is desired of this device yet.">
          It serves what it was started with. Change its variant, and the two stand side by side here.
        </Empty>
      ) : (
        <Table label="Desired and reported state" className="table-fixed">
          <HeadRow>
            <Head className="w-24">
              <span className="sr-only">Field</span>
            </Head>
            <Head className="w-[22%]">Desired</Head>
            <Head className="w-[22%]">Reported</Head>
            <Head numeric>
              <span className="sr-only">Difference</span>
            </Head>
          </HeadRow>
          <tbody>
            {rows.map(({ field, desired, reported, agrees, reason }) => (
              <Row key={field} className={agrees ? '' : soft}>
                <NameCell className="font-mono text-second font-normal text-ink-2">{field}</NameCell>
                <Cell className="truncate font-mono text-second">{desired}</Cell>
                <Cell className={`truncate font-mono text-second ${agrees ? '' : 'font-semibold'}`}>{reported}</Cell>
                <Cell numeric className={`whitespace-normal ${tone}`}>
                  {agrees ? <Check size={14} strokeWidth={1.75} role="img" aria-label="agree" className="ml-auto text-ink-3" /> : reason}
                </Cell>
              </Row>
            ))}
          </tbody>
        </Table>
      )}
    </Panel>
  );
}
