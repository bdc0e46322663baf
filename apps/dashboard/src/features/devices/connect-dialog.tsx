/** @file "Connect a device": the one-liner, a click away once the first device is there. */
'use client';
import { Plus } from 'lucide-react';
import { type ReactNode, useState } from 'react';
import { Button } from '@/components/ui/button.tsx';
import { Dialog, DialogClose } from '@/components/ui/dialog.tsx';

export function ConnectDialog({ children }: { children: ReactNode }) {
  const [open, setOpen] = useState(false);
  return (
    <>
      <Button onClick={() => setOpen(true)} aria-haspopup="dialog">
        <Plus size={14} strokeWidth={2} aria-hidden="true" />
        Connect a device
      </Button>
      <Dialog
        open={open}
        onOpenChange={setOpen}
        title="Connect a device"
        description="It appears in the list with its first heartbeat."
        footer={
          <DialogClose asChild>
            <Button>Close</Button>
          </DialogClose>
        }
      >
        <div className="px-5 pb-5 phone:px-4">{children}</div>
      </Dialog>
    </>
  );
}
