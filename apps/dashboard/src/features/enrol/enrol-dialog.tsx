/** @file "Enrol a device": a name if wanted, then a token in the line to type on the board, then the wait for its first heartbeat. */
'use client';
import { type FormEvent, useState, useTransition } from 'react';
import { Button } from '@/components/ui/button.tsx';
import { Dialog, DialogClose } from '@/components/ui/dialog.tsx';
import { Failure } from '@/features/assign/change-variant-dialog.tsx';
import type { EnrolmentFacts } from '@/lib/enrolment-facts.ts';
import { makeToken, type TokenOutcome } from '@/server/actions/make-enrolment-token.ts';
import { EnrolProgress } from './enrol-progress.tsx';

type Props = { enrolments: EnrolmentFacts[]; known: string[]; local: boolean; onClose: () => void };
type Token = Extract<TokenOutcome, { ok: true }>;

const unreachable: TokenOutcome = { ok: false, message: 'Not done: the dashboard did not answer. Try again.' };
const formId = 'enrol-form';

export function EnrolDialog({ enrolments, known, local, onClose }: Props) {
  const [name, setName] = useState('');
  const [token, setToken] = useState<Token | null>(null);
  const [failure, setFailure] = useState<string | null>(null);
  const [pending, startTransition] = useTransition();
  const make = (event: FormEvent) => {
    event.preventDefault();
    startTransition(async () => {
      const wanted = name.trim();
      const outcome = await makeToken(wanted === '' ? {} : { name: wanted }).catch(() => unreachable);
      if (outcome.ok) setToken(outcome);
      setFailure(outcome.ok ? null : outcome.message);
    });
  };
  return (
    <Dialog
      open
      onOpenChange={(open) => !open && onClose()}
      title="Enrol a device"
      description="A token lets one board in, once, within an hour."
      footer={
        <>
          <Failure text={failure} />
          <DialogClose asChild>
            <Button>Close</Button>
          </DialogClose>
          {token === null ? (
            <Button key="make" tone="primary" type="submit" form={formId} disabled={pending}>
              Make a token
            </Button>
          ) : (
            // Another button, not the same one renamed: a second press of Enter must not throw the token away.
            <Button key="another" onClick={() => setToken(null)}>
              Enrol another device
            </Button>
          )}
        </>
      }
    >
      <div className="grid gap-3 px-5 py-4 phone:px-4">
        {token === null ? (
          <NameForm name={name} onName={setName} known={known.includes(name.trim())} onSubmit={make} />
        ) : (
          <EnrolProgress
            command={token.command}
            enrolment={
              enrolments.find(({ id }) => id === token.id) ?? {
                id: token.id,
                name: name.trim() || null,
                expiresAt: token.expiresAt,
                usedAt: null,
                deviceId: null,
                heardAt: null,
              }
            }
          />
        )}
        {local && (
          <p className="text-ink-2">
            The hub listens on this machine only: boards elsewhere cannot reach it.{' '}
            <code className="font-mono text-second">ALPHARHO_HOST=0.0.0.0</code> opens it to them when it starts again, and to everybody
            else on that network: there is no sign-in yet.
          </p>
        )}
      </div>
    </Dialog>
  );
}

type FormProps = { name: string; onName: (name: string) => void; known: boolean; onSubmit: (event: FormEvent) => void };

function NameForm({ name, onName, known, onSubmit }: FormProps) {
  return (
    <form id={formId} onSubmit={onSubmit} className="grid gap-1">
      <label htmlFor="enrol-name" className="font-medium">
        Name of the device <span className="font-normal text-ink-3">optional</span>
      </label>
      <input
        id="enrol-name"
        data-first-focus
        value={name}
        onChange={(event) => onName(event.target.value)}
        maxLength={64}
        autoComplete="off"
        autoCapitalize="off"
        spellCheck={false}
        placeholder="quay-01"
        aria-describedby="enrol-name-note"
        className="h-[30px] w-64 max-w-full rounded-control border border-line-2 bg-sunken px-2 placeholder:text-ink-3 phone:h-11 phone:w-full"
      />
      <p id="enrol-name-note" className={known ? 'text-warn' : 'text-ink-2'}>
        {known
          ? `${name.trim()} is known already: the board takes its place, and its history goes on.`
          : 'Without one, the board takes its host name, with a number where that is taken.'}
      </p>
    </form>
  );
}
