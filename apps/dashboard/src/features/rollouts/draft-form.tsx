/** @file The steps of a new rollout, and the pen that writes what is changed into the address. */
'use client';
import { Check, Circle, CircleDot } from 'lucide-react';
import type { ReactNode } from 'react';
import { Link } from '@/components/link.tsx';
import { buttonClass } from '@/components/ui/button.tsx';
import { cn } from '@/lib/cn.ts';
import { type Draft, type DraftStep, draftHref, draftSteps } from './draft.ts';
import { DraftContext, useDraftPen } from './use-draft.ts';

const words: Record<DraftStep, string> = { variant: 'Variant', devices: 'Devices', stages: 'Stages', gates: 'Gates', review: 'Review' };

const onwards: Record<DraftStep, string> = {
  variant: 'Choose a variant',
  devices: 'Choose devices',
  stages: 'Set stages',
  gates: 'Set gates',
  review: 'Review the rollout',
};

/** @param address the draft as the page's address has it */
export function DraftForm({ address, children }: { address: Draft; children: ReactNode }) {
  const pen = useDraftPen(address);
  const { draft } = pen;
  const place = draftSteps.indexOf(address.step);
  const next = draftSteps[place + 1];
  return (
    <DraftContext value={pen}>
      <div className="flex flex-wrap items-center gap-x-4 gap-y-1 border-line border-b px-5 py-1.5 phone:px-4">
        <nav aria-label="Steps of a new rollout" className="min-w-0 phone:w-full">
          <ol className="flex flex-wrap items-center gap-x-5 phone:justify-between phone:gap-x-1">
            {draftSteps.map((step) => (
              <li key={step}>
                <Link
                  href={draftHref(draft, { step })}
                  onClick={pen.leave}
                  aria-current={step === address.step ? 'step' : undefined}
                  className={cn(
                    'inline-flex h-8 items-center gap-2 phone:h-11 phone:gap-1',
                    step === address.step ? 'font-medium' : 'text-ink-2 hover:text-ink',
                  )}
                >
                  <StepIcon done={isDone(draft, step)} current={step === address.step} />
                  {words[step]}
                </Link>
              </li>
            ))}
          </ol>
        </nav>
        <h1 className="ml-auto text-second text-ink-3 phone:sr-only">
          New rollout<span className="font-normal">: the draft is kept in the address of this page</span>
        </h1>
      </div>
      {children}
      {next !== undefined && (
        <div className="flex justify-end px-5 py-4 phone:fixed phone:inset-x-0 phone:bottom-0 phone:z-20 phone:border-line phone:border-t phone:bg-surface phone:px-4 phone:pt-3 phone:pb-[calc(12px+env(safe-area-inset-bottom))]">
          <Link href={draftHref(draft, { step: next })} onClick={pen.leave} className={buttonClass({ tone: 'primary' }, 'phone:w-full')}>
            {onwards[next]}
          </Link>
        </div>
      )}
    </DraftContext>
  );
}

/** Stages and gates are right as they come; the others want a choice. */
function isDone({ step, variant, perClass, where }: Draft, asked: DraftStep): boolean {
  if (asked === 'variant') return variant !== '' || Object.keys(perClass).length > 0;
  if (asked === 'devices') return where.trim() !== '';
  return asked !== 'review' && draftSteps.indexOf(step) > draftSteps.indexOf(asked);
}

function StepIcon({ done, current }: { done: boolean; current: boolean }) {
  const look = {
    size: 16,
    strokeWidth: 2,
    'aria-hidden': true,
    className: current ? 'text-accent' : done ? 'text-ok-mark' : 'text-line-3',
  } as const;
  if (current) return <CircleDot {...look} />;
  return done ? <Check {...look} /> : <Circle {...look} />;
}
