/** @file On a phone the filters wait behind a button. */
'use client';
import { ListFilter } from 'lucide-react';
import { type ReactNode, useState } from 'react';
import { Button } from '@/components/ui/button.tsx';
import { Dialog, DialogClose } from '@/components/ui/dialog.tsx';

export function FilterSheet({ active, shown, children }: { active: number; shown: string; children: ReactNode }) {
  const [open, setOpen] = useState(false);
  return (
    <>
      <Button onClick={() => setOpen(true)} aria-haspopup="dialog">
        <ListFilter size={14} strokeWidth={2} aria-hidden="true" />
        {active === 0 ? 'Filter' : `Filter: ${active}`}
      </Button>
      <Dialog
        open={open}
        onOpenChange={setOpen}
        title="Filter devices"
        footer={
          <DialogClose asChild>
            <Button tone="primary">Show {shown}</Button>
          </DialogClose>
        }
      >
        {children}
      </Dialog>
    </>
  );
}
