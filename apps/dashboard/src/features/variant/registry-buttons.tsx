/** @file What can be done with a variant in the registry: offer it no longer, offer it again, delete its file. */
'use client';
import { useRouter } from 'next/navigation';
import { useState, useTransition } from 'react';
import { Button } from '@/components/ui/button.tsx';
import { Dialog, DialogClose } from '@/components/ui/dialog.tsx';
import { Failure } from '@/features/assign/change-variant-dialog.tsx';
import { changeRegistry, type RegistryOutcome } from '@/server/actions/change-registry.ts';

const unreachable: RegistryOutcome = { ok: false, message: 'Not done: the dashboard did not answer. Try again.' };

type Props = {
  variantId: string;
  name: string;
  retired: boolean;
  /** Who keeps it from being deleted, in words; null where nobody does. */
  inUse: string | null;
};

export function RegistryButtons({ variantId, name, retired, inUse }: Props) {
  const router = useRouter();
  const [deleting, setDeleting] = useState(false);
  const [failure, setFailure] = useState<string | null>(null);
  const [pending, startTransition] = useTransition();
  const change = (what: 'retire' | 'offer' | 'delete') =>
    startTransition(async () => {
      const outcome = await changeRegistry({ variantId, change: what }).catch(() => unreachable);
      setFailure(outcome.ok ? null : outcome.message);
      if (!outcome.ok) return;
      setDeleting(false);
      if (what === 'delete') router.push('/variants');
      else router.refresh();
    });
  return (
    <>
      {!deleting && <Failure text={failure} />}
      <Button onClick={() => change(retired ? 'offer' : 'retire')} disabled={pending}>
        {retired ? 'Offer again' : 'Retire'}
      </Button>
      <Button tone="quiet" onClick={() => setDeleting(true)} disabled={pending} aria-haspopup="dialog">
        Delete
      </Button>
      {deleting && (
        <Dialog
          open
          onOpenChange={(open) => !open && setDeleting(false)}
          title={inUse === null ? `Delete ${name}` : `${name} cannot be deleted`}
          description={
            inUse === null
              ? 'Its file goes; its name stays in the history. The same file can be added again.'
              : 'It is in use. Give these devices another variant first, or retire it: then no further device gets it.'
          }
          footer={
            <>
              <Failure text={failure} />
              <DialogClose asChild>
                <Button>Keep it</Button>
              </DialogClose>
              {inUse === null && (
                <Button tone="primary" disabled={pending} onClick={() => change('delete')}>
                  Delete {name}
                </Button>
              )}
            </>
          }
        >
          {inUse !== null && <p className="px-5 py-4 wrap-anywhere phone:px-4">{inUse}</p>}
        </Dialog>
      )}
    </>
  );
}
