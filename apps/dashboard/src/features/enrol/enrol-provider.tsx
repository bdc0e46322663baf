/** @file One dialog a page for "enrol a device"; it stays open while the page around it fills with the first device. */
'use client';
import { Plus } from 'lucide-react';
import { createContext, type ReactNode, useContext, useState } from 'react';
import { Button } from '@/components/ui/button.tsx';
import type { EnrolmentFacts } from '@/lib/enrolment-facts.ts';
import { EnrolDialog } from './enrol-dialog.tsx';

const EnrolContext = createContext<() => void>(() => undefined);

type Props = {
  enrolments: EnrolmentFacts[];
  /** Names that devices have. */
  known: string[];
  /** Only this machine reaches the hub. */
  local: boolean;
  children: ReactNode;
};

export function EnrolProvider({ enrolments, known, local, children }: Props) {
  const [open, setOpen] = useState(false);
  return (
    <EnrolContext value={() => setOpen(true)}>
      {children}
      {open && <EnrolDialog enrolments={enrolments} known={known} local={local} onClose={() => setOpen(false)} />}
    </EnrolContext>
  );
}

export function EnrolButton({ tone }: { tone?: 'primary' | 'plain' }) {
  const open = useContext(EnrolContext);
  return (
    <Button tone={tone} onClick={open} aria-haspopup="dialog">
      <Plus size={14} strokeWidth={2} aria-hidden="true" />
      Enrol a device
    </Button>
  );
}
