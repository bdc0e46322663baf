/** @file A place on the grid: opens "give to devices" where the hub holds the file. */
'use client';
import type { CSSProperties, ReactNode } from 'react';
import { useAssignDialog } from '../assign/assign-provider.tsx';

type Props = { variantId: string; available: boolean; reading: string; style: CSSProperties; children: ReactNode };

const shape = 'figures relative flex h-[50px] w-full min-w-[68px] flex-col items-start px-2 pt-1.5 text-left';

export function GridCellButton({ variantId, available, reading, style, children }: Props) {
  const { open } = useAssignDialog();
  if (!available) {
    return (
      <div className={shape} style={style} title={`${reading}. Only a device holds its file.`}>
        {children}
        <span className="sr-only">{reading}</span>
      </div>
    );
  }
  return (
    <button
      type="button"
      className={`${shape} hover:outline-2 hover:outline-ink hover:-outline-offset-2`}
      style={style}
      title={reading}
      aria-label={`${reading}. Give to devices`}
      aria-haspopup="dialog"
      onClick={() => open({ kind: 'variant', id: variantId })}
    >
      {children}
    </button>
  );
}
