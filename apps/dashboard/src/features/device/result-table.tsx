/** @file Results as rows: when, which frame, what was seen, how long it took, and the variant that said so. */
import { ClockAt } from '@/components/live/clock-at.tsx';
import { Cell, Head, HeadRow, Row, Table } from '@/components/ui/table.tsx';
import { VariantName } from '@/components/variant-name.tsx';
import type { TopEntry } from '@/lib/device-facts.ts';
import { formatInteger, formatMs, formatMsNumber, formatShare, none } from '@/lib/format.ts';
import type { VariantFacts } from '@/lib/variant-facts.ts';

export type ShownResult = {
  key: string;
  at: number;
  seq: number;
  frame: number;
  ms: number;
  label: string;
  probability: number;
  top: TopEntry[];
  variant: VariantFacts | null;
};

/** @param runnersUp whether there is room for the second and third answer. */
export function ResultTable({ results, runnersUp = false }: { results: ShownResult[]; runnersUp?: boolean }) {
  return (
    <>
      <div className="relative overflow-x-auto phone:hidden">
        <Table label="Results, newest first">
          <HeadRow>
            <Head>Time</Head>
            <Head numeric>Frame</Head>
            <Head>Sees</Head>
            <Head numeric>Probability</Head>
            {runnersUp && <Head className="max-xl:hidden">Then</Head>}
            <Head numeric>Latency, ms</Head>
            <Head>Variant</Head>
          </HeadRow>
          <tbody>
            {results.map((result) => (
              <ResultRow key={result.key} result={result} runnersUp={runnersUp} />
            ))}
          </tbody>
        </Table>
      </div>
      <ol className="hidden border-line-2 border-t phone:block" aria-label="Results, newest first">
        {results.map((result) => (
          <ResultItem key={result.key} result={result} />
        ))}
      </ol>
    </>
  );
}

function ResultRow({ result, runnersUp }: { result: ShownResult; runnersUp: boolean }) {
  const { at, frame, label, probability, ms, variant, top, seq } = result;
  // Isolated, so that a label that runs from right to left keeps its own number.
  const then = top.slice(1, 3).map((entry) => `\u2068${entry.label}\u2069 ${formatShare(entry.probability)}`);
  return (
    <Row data-result={seq}>
      <Cell className="text-ink-2">
        <ClockAt at={at} exact />
      </Cell>
      <Cell numeric>{formatInteger(frame)}</Cell>
      <Cell className="max-w-64 truncate font-medium" title={label}>
        {label}
      </Cell>
      <Cell numeric>{formatShare(probability)}</Cell>
      {runnersUp && (
        <Cell className="max-w-80 truncate text-ink-3 max-xl:hidden" title={then.join(', ')}>
          {then.join(', ')}
        </Cell>
      )}
      <Cell numeric>{formatMsNumber(ms)}</Cell>
      <Cell>{variant === null ? <span className="text-ink-4">{none}</span> : <VariantName variant={variant} />}</Cell>
    </Row>
  );
}

function ResultItem({ result: { at, label, probability, ms, variant, frame } }: { result: ShownResult }) {
  return (
    <li className="grid min-h-[52px] grid-cols-[minmax(0,1fr)_auto] content-center gap-x-3 border-line border-b px-4 py-1.5">
      <span className="flex min-w-0 items-baseline gap-1.5">
        <bdi className="truncate font-medium">{label}</bdi>
        <span className="figures shrink-0 text-ink-3">{formatShare(probability)}</span>
      </span>
      <ClockAt at={at} className="text-right text-ink-3" exact />
      <span className="text-[12.5px] text-ink-2">{variant !== null && <VariantName variant={variant} />}</span>
      <span className="figures text-right text-[12.5px] text-ink-3">
        {formatMs(ms)}, frame {formatInteger(frame)}
      </span>
    </li>
  );
}
