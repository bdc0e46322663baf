/** @file A family on the α × ρ grid: wider is right, sharper is up. A cell gives its variant to devices. */
import { formatAlpha } from '@alpharho/protocol';
import { plural } from '@/lib/format.ts';
import { isOffered } from '@/lib/variant-facts.ts';
import { GridCellButton } from './grid-cell-button.tsx';
import { type CatalogueRow, cellKey, cellReading, type Figure, type GridCell, type VariantGrid } from './view-model.ts';

type Props = { grid: VariantGrid; rows: CatalogueRow[]; figure: Figure };

export function VariantGridView({ grid, rows, figure }: Props) {
  const p95Of = (cell: GridCell) => rows.find(({ variant }) => variant.id === cell.variant.id)?.p95 ?? null;
  return (
    <div className="min-w-0 max-w-full">
      <h3 className="pb-1 pl-10 font-semibold">
        {grid.title} <span className="font-normal text-ink-3">{gridDetail(grid)}</span>
      </h3>
      <div className="relative overflow-x-auto">
        <table aria-label={`${grid.title} ${gridDetail(grid)}`} className="border-separate border-spacing-0.5">
          <thead>
            <tr>
              <th scope="col" className="w-9 pr-2 text-right text-second font-normal text-ink-3">
                ρ
              </th>
              {grid.alphas.map((alpha, index) => (
                <th key={alpha} scope="col" className="w-[68px] min-w-[68px] pb-1 pl-2 text-left text-second font-normal text-ink-3">
                  {index === 0 && 'α '}
                  {formatAlpha(alpha)}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {grid.rhos.map((rho) => (
              <tr key={rho}>
                <th scope="row" className="pr-2 text-right text-second font-normal text-ink-3">
                  {rho}
                </th>
                {grid.alphas.map((alpha) => {
                  const cell = grid.cells.get(cellKey(alpha, rho));
                  return (
                    <td key={alpha} className="h-[50px] p-0">
                      {cell === undefined ? <EmptyPlace /> : <Place cell={cell} reading={cellReading(cell, p95Of(cell))} figure={figure} />}
                    </td>
                  );
                })}
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </div>
  );
}

function gridDetail({ precision, classes }: VariantGrid): string {
  return `${precision}, ${plural(classes, 'class', 'classes')}`;
}

function EmptyPlace() {
  return <div className="h-[50px] bg-sunken" />;
}

/** The number of devices stands beside the shorter of the two figures. */
function Place({ cell, reading, figure }: { cell: GridCell; reading: string; figure: Figure }) {
  const { variant, main, below, devices, step } = cell;
  const text = step >= 5 ? 'var(--h-text-high)' : step === 4 ? 'var(--h-text-mid)' : 'var(--h-text-low)';
  return (
    <GridCellButton
      variantId={variant.id}
      available={isOffered(variant)}
      reading={reading}
      style={{ background: `var(--h${step})`, color: text }}
    >
      <span className="block text-[13px] leading-[18px] font-semibold">{main}</span>
      <span className="block text-axis leading-[14px]">{below}</span>
      {devices > 0 && (
        <span
          className={`absolute right-1 ${figure === 'p95' ? 'top-1.5' : 'bottom-1'} grid h-4 min-w-4 place-items-center rounded-[3px] bg-ink px-1 text-[10px] leading-none font-semibold text-surface`}
          title={plural(devices, 'device')}
        >
          {devices}
        </span>
      )}
    </GridCellButton>
  );
}
