/** @file The words that an operator can say to the rollout now; each says beforehand what it does. On a phone under the thumb. */
'use client';
import { Pause, Play, Undo2 } from 'lucide-react';
import { useRouter } from 'next/navigation';
import { useState, useTransition } from 'react';
import { Button } from '@/components/ui/button.tsx';
import { Dialog, DialogClose } from '@/components/ui/dialog.tsx';
import { Failure } from '@/features/assign/change-variant-dialog.tsx';
import { needsTyping } from '@/features/assign/needs-typing.ts';
import { cn } from '@/lib/cn.ts';
import { plural } from '@/lib/format.ts';
import { type SteerOutcome, steer } from '@/server/actions/steer-rollout.ts';
import type { SteeringOffer, SteeringType } from './steering.ts';

const unreachable: SteerOutcome = { ok: false, message: 'Not done: the dashboard did not answer. Look what became of it, then try again.' };
const icons: Partial<Record<SteeringType, typeof Pause>> = { pause: Pause, resume: Play, start: Play, roll_back: Undo2 };
const bad = 'border-bad-mark text-bad hover:bg-bad-soft';

/** Not under the thumb: they can wait for a second look. */
const secondary: readonly SteeringType[] = ['retry', 'abort'];

type Props = { id: string; offers: SteeringOffer[]; fleet: number };

export function SteeringBar({ id, offers, fleet }: Props) {
  const router = useRouter();
  const [asked, setAsked] = useState<SteeringOffer | null>(null);
  const [said, setSaid] = useState<SteerOutcome | null>(null);
  const [pending, startTransition] = useTransition();
  const say = ({ type, phase }: SteeringOffer) => {
    setSaid(null);
    startTransition(async () => {
      const outcome = await steer({ id, type, phase }).catch(() => unreachable);
      setSaid(outcome);
      if (outcome.ok) setAsked(null);
      router.refresh();
    });
  };
  const ask = (offer: SteeringOffer) => {
    setSaid(null);
    if (offer.question === null) say(offer);
    else setAsked(offer);
  };
  if (offers.length === 0 && said === null) return null;
  const shown = (second: boolean) =>
    offers
      .filter(({ type }) => second === secondary.includes(type))
      .map((offer) => <SteeringButton key={offer.type} offer={offer} disabled={pending} onClick={() => ask(offer)} />);
  return (
    <div className="ml-auto flex flex-wrap items-center justify-end gap-2 phone:w-full">
      {asked === null && <Said outcome={said} />}
      <div className="flex flex-wrap gap-2 empty:hidden phone:w-full">{shown(true)}</div>
      <div className="flex flex-wrap gap-2 empty:hidden phone:fixed phone:inset-x-0 phone:bottom-0 phone:z-20 phone:border-line phone:border-t phone:bg-surface phone:px-4 phone:pt-3 phone:pb-[calc(12px+env(safe-area-inset-bottom))]">
        {shown(false)}
      </div>
      {asked?.question && (
        <Question
          offer={asked}
          question={asked.question}
          fleet={fleet}
          failure={said?.ok === false ? said.message : null}
          pending={pending}
          onDone={() => say(asked)}
          onClose={() => setAsked(null)}
        />
      )}
    </div>
  );
}

function SteeringButton({ offer, disabled, onClick }: { offer: SteeringOffer; disabled: boolean; onClick: () => void }) {
  const Icon = icons[offer.type];
  return (
    <Button
      tone={offer.look === 'bad' ? 'plain' : offer.look}
      disabled={disabled}
      onClick={onClick}
      aria-haspopup={offer.question === null ? undefined : 'dialog'}
      className={cn('phone:flex-1', offer.look === 'bad' && !disabled && bad)}
    >
      {Icon !== undefined && <Icon size={14} strokeWidth={2} aria-hidden="true" />}
      <span className="phone:hidden">{offer.label}</span>
      <span className="sm:hidden">{offer.short}</span>
    </Button>
  );
}

/** What came of the last word; empty as long as there is nothing to say. */
function Said({ outcome }: { outcome: SteerOutcome | null }) {
  if (outcome?.ok === false) return <Failure text={outcome.message} />;
  return (
    <output aria-live="polite" className="text-ink-2 empty:hidden phone:w-full">
      {outcome?.note}
    </output>
  );
}

type QuestionProps = {
  offer: SteeringOffer;
  question: NonNullable<SteeringOffer['question']>;
  fleet: number;
  failure: string | null;
  pending: boolean;
  onDone: () => void;
  onClose: () => void;
};

function Question({ offer, question, fleet, failure, pending, onDone, onClose }: QuestionProps) {
  const [typed, setTyped] = useState('');
  const typing = needsTyping(question.devices, fleet);
  const ready = !pending && (!typing || typed.trim() === String(question.devices));
  return (
    <Dialog
      open
      onOpenChange={(open) => !open && onClose()}
      title={question.title}
      description={question.consequence}
      footer={
        <>
          <Failure text={failure} />
          <DialogClose asChild>
            <Button>Leave it as it is</Button>
          </DialogClose>
          <Button
            tone={offer.look === 'bad' ? 'plain' : 'primary'}
            disabled={!ready}
            onClick={onDone}
            className={cn(offer.look === 'bad' && ready && bad)}
          >
            {offer.label}
          </Button>
        </>
      }
    >
      {typing && (
        <label className="flex flex-wrap items-center gap-2 px-5 py-4 text-ink-2 phone:px-4">
          {plural(question.devices, 'device')} of {fleet}. Type {question.devices} to confirm
          <input
            data-first-focus
            value={typed}
            onChange={(event) => setTyped(event.target.value)}
            inputMode="numeric"
            autoComplete="off"
            className="figures h-[30px] w-16 rounded-control border border-line-2 bg-sunken px-2 text-ink phone:h-11"
          />
        </label>
      )}
    </Dialog>
  );
}
