/** @file Sends an assignment and keeps what came of it, while the dialog is open. */
'use client';
import { useRouter } from 'next/navigation';
import { useState, useTransition } from 'react';
import { type AssignOutcome, giveVariant } from '@/server/actions/assign-variant.ts';

const unreachable: AssignOutcome = { ok: false, message: 'Not done: the dashboard did not answer. Nothing was changed; try again.' };

export function useAssign(onDone: () => void) {
  const router = useRouter();
  const [failure, setFailure] = useState<string | null>(null);
  const [pending, startTransition] = useTransition();
  const assign = (deviceIds: string[], variantId: string) => {
    setFailure(null);
    startTransition(async () => {
      const outcome = await giveVariant({ deviceIds, variantId }).catch(() => unreachable);
      if (!outcome.ok) {
        setFailure(outcome.message);
        return;
      }
      // The device's line tells from here on; the change feed would too, a moment later.
      router.refresh();
      onDone();
    });
  };
  return { assign, failure, pending };
}
