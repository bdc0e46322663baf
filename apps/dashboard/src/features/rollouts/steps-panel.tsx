/** @file The stages as steps, and beforehand what each verdict will do. */
import { Check, Circle, CircleCheck, CircleDot, CirclePause } from 'lucide-react';
import { ClockAt } from '@/components/live/clock-at.tsx';
import { Panel } from '@/components/ui/panel.tsx';
import { plural } from '@/lib/format.ts';
import type { Follow, Step, StepState } from './steps.ts';
import { VerdictWord } from './verdict-word.tsx';

const icons = { done: CircleCheck, now: CircleDot, next: Circle, held: CirclePause };
const tones: Record<StepState, string> = { done: 'text-ok-mark', now: 'text-accent', next: 'text-line-3', held: 'text-warn-mark' };
const words: Record<StepState, string> = { done: 'done', now: 'under way', next: 'to come', held: 'held' };

export function StepsPanel({ steps }: { steps: Step[] }) {
  return (
    <Panel id="steps" title="Steps">
      <ol className="grid gap-2.5 px-5 pb-4 phone:px-4">
        {steps.map((step) => (
          <li key={step.key} className="grid grid-cols-[16px_minmax(0,1fr)_auto] gap-x-2.5">
            <StateIcon state={step.state} size={16} />
            <span className={step.state === 'next' ? 'text-ink-2' : 'font-medium'}>{step.name}</span>
            <span className="figures text-second text-ink-3">{step.devices > 0 && plural(step.devices, 'device')}</span>
            {step.note !== '' && <span className="col-span-2 col-start-2 text-second text-ink-3">{step.note}</span>}
            {step.parts.length > 0 && (
              <ul className="col-span-2 col-start-2 mt-1 grid gap-1">
                {step.parts.map((part) => (
                  <li
                    key={part.key}
                    className={`flex items-center gap-2 text-second ${part.state === 'next' ? 'text-ink-3' : part.state === 'held' ? 'text-warn' : ''}`}
                  >
                    {part.state === 'done' ? (
                      <Check size={12} strokeWidth={2.5} role="img" aria-label="done" className="text-ok-mark" />
                    ) : (
                      <StateIcon state={part.state} size={12} />
                    )}
                    {part.text}
                    {part.until !== null && (
                      <span className="ml-auto text-ink-3">
                        until <ClockAt at={part.until} />
                      </span>
                    )}
                  </li>
                ))}
              </ul>
            )}
          </li>
        ))}
      </ol>
    </Panel>
  );
}

function StateIcon({ state, size }: { state: StepState; size: number }) {
  const Icon = icons[state];
  return <Icon size={size} strokeWidth={2} role="img" aria-label={words[state]} className={`mt-0.5 ${tones[state]}`} />;
}

export function FollowsPanel({ follows, title = 'What follows' }: { follows: Follow[]; title?: string }) {
  return (
    <Panel id="follows" title={title}>
      <dl className="grid gap-2.5 px-5 pb-4 phone:px-4">
        {follows.map(({ verdict, text }) => (
          <div key={verdict}>
            <dt>
              <VerdictWord verdict={verdict} chip={false} />
            </dt>
            <dd className="text-ink-2">{text}</dd>
          </div>
        ))}
      </dl>
    </Panel>
  );
}
