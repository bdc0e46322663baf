/** @file One dialog a page for "give a device another variant"; buttons anywhere on the page open it. */
'use client';
import { createContext, type ReactNode, useContext, useMemo, useState } from 'react';
import { Button } from '@/components/ui/button.tsx';
import { ChangeVariantDialog } from './change-variant-dialog.tsx';
import type { DeviceChoice, VariantChoice } from './choices.ts';
import { GiveVariantDialog } from './give-variant-dialog.tsx';

type Subject = { kind: 'device'; id: string } | { kind: 'variant'; id: string };
type Assign = { open: (subject: Subject) => void };

const AssignContext = createContext<Assign>({ open: () => undefined });

export function useAssignDialog(): Assign {
  return useContext(AssignContext);
}

type Props = { variants: VariantChoice[]; devices: DeviceChoice[]; children: ReactNode };

export function AssignProvider({ variants, devices, children }: Props) {
  const [subject, setSubject] = useState<Subject | null>(null);
  const value = useMemo(() => ({ open: setSubject }), []);
  const close = () => setSubject(null);
  const device = subject?.kind === 'device' ? devices.find(({ id }) => id === subject.id) : undefined;
  const variant = subject?.kind === 'variant' ? variants.find(({ id }) => id === subject.id) : undefined;
  return (
    <AssignContext value={value}>
      {children}
      {device !== undefined && <ChangeVariantDialog device={device} variants={variants} onClose={close} />}
      {variant !== undefined && <GiveVariantDialog variant={variant} devices={devices} onClose={close} />}
    </AssignContext>
  );
}

type ButtonProps = { size?: 'normal' | 'row'; tone?: 'primary' | 'plain' | 'quiet'; className?: string };

export function ChangeVariantButton({ deviceId, ...look }: ButtonProps & { deviceId: string }) {
  const { open } = useAssignDialog();
  return (
    <Button {...look} onClick={() => open({ kind: 'device', id: deviceId })} aria-haspopup="dialog">
      Change variant
      {look.size === 'row' && <span className="sr-only"> of {deviceId}</span>}
    </Button>
  );
}

export function GiveVariantButton({ variantId, name, ...look }: ButtonProps & { variantId: string; name: string }) {
  const { open } = useAssignDialog();
  return (
    <Button {...look} onClick={() => open({ kind: 'variant', id: variantId })} aria-haspopup="dialog">
      Give to devices
      <span className="sr-only">: {name}</span>
    </Button>
  );
}
