/** @file What is rolled out: one variant for all, one for each class of hardware, or what the planner finds for a goal. */
'use client';
import { Button } from '@/components/ui/button.tsx';
import { Panel } from '@/components/ui/panel.tsx';
import { UntrainedChip } from '@/components/untrained-chip.tsx';
import { VariantGlyph } from '@/components/variant-glyph.tsx';
import type { VariantChoice } from '@/features/assign/choices.ts';
import { cn } from '@/lib/cn.ts';
import { plural } from '@/lib/format.ts';
import type { Plan } from '@/server/rollouts/planner/input.ts';
import { SelectField, TextField } from './fields.tsx';
import { useDraft } from './use-draft.ts';

type Props = { choices: VariantChoice[]; classes: { name: string; devices: number }[]; plan: Plan | null };

export function VariantStep({ choices, classes, plan }: Props) {
  if (choices.length === 0)
    return (
      <p className="px-5 py-4 text-ink-2 phone:px-4">The registry holds no variant that can be given; add one on the page Variants.</p>
    );
  return (
    <div className="grid divide-line max-xl:divide-y xl:grid-cols-[minmax(0,1fr)_minmax(0,1fr)] xl:divide-x">
      <OneForAll choices={choices} />
      <div className="divide-y divide-line">
        <ByGoal plan={plan} />
        {classes.length > 0 && <PerClass choices={choices} classes={classes} />}
      </div>
    </div>
  );
}

function OneForAll({ choices }: { choices: VariantChoice[] }) {
  const { draft, change } = useDraft();
  const chosen = draft.variant;
  return (
    <Panel id="one" title="One variant for all" note="with its p95 over the fleet now, and its size">
      <fieldset className="border-line-2 border-t">
        <legend className="sr-only">Variant</legend>
        {choices.map((variant) => (
          <label
            key={variant.id}
            className={cn(
              'grid min-h-10 cursor-pointer grid-cols-[20px_minmax(0,1fr)_84px_72px] items-center gap-x-2 border-line border-b px-5 phone:min-h-14 phone:grid-cols-[20px_minmax(0,1fr)_72px] phone:px-4',
              chosen === variant.id ? 'bg-accent-soft' : 'hover:bg-sunken',
            )}
          >
            <input
              type="radio"
              name="variant"
              checked={chosen === variant.id}
              onChange={() => change({ variant: variant.id, perClass: {} })}
              className="size-4 accent-[var(--accent)]"
            />
            <span className="flex min-w-0 flex-wrap items-center gap-x-2 py-1">
              <VariantGlyph alpha={variant.alpha} rho={variant.rho} />
              <span className="font-medium">{variant.name}</span>
              <span className="text-second text-ink-3">{variant.precision}</span>
              {variant.untrained && <UntrainedChip />}
              {variant.accuracy !== '—' && <span className="text-second text-ink-2">top-1 {variant.accuracy}</span>}
            </span>
            <span className="figures text-right" title="p95 over the fleet in the last half hour">
              {variant.p95}
            </span>
            <span className="figures text-right text-ink-2 phone:hidden">{variant.size}</span>
          </label>
        ))}
      </fieldset>
    </Panel>
  );
}

function ByGoal({ plan }: { plan: Plan | null }) {
  const { draft, change } = useDraft();
  const found = plan === null ? 0 : Object.keys(plan.variants).length;
  return (
    <Panel id="goal" title="Best accuracy within a limit" note="for each class of hardware, from what the fleet has measured">
      <div className="grid gap-3 px-5 pb-4 phone:px-4">
        <TextField
          label="p95 at most"
          value={draft.goal}
          onWrite={(value) => change({ goal: value }, 'rest')}
          numeric
          note="ms"
          maxLength={8}
        />
        {plan !== null && (
          <>
            <ul aria-label="Plan" className="grid gap-2">
              {plan.classes.map(({ hardwareClass, devices, reason, choice }) => (
                <li key={hardwareClass}>
                  <span className="font-medium">{hardwareClass}</span>{' '}
                  <span className="text-second text-ink-3">{plural(devices, 'device')}</span>
                  <span className={`block ${choice === null ? 'text-warn' : 'text-ink-2'}`}>{reason}</span>
                </li>
              ))}
            </ul>
            {found > 0 ? (
              <Button className="justify-self-start" onClick={() => change({ variant: '', perClass: plan.variants })}>
                Take this plan, {plural(found, 'class changes', 'classes change')}
              </Button>
            ) : (
              <p className="text-ink-2">Nothing would change.</p>
            )}
          </>
        )}
      </div>
    </Panel>
  );
}

function PerClass({ choices, classes }: Pick<Props, 'choices' | 'classes'>) {
  const { draft, change } = useDraft();
  const { perClass } = draft;
  const names = [...new Set([...classes.map(({ name }) => name), ...Object.keys(perClass)])];
  const options = [
    { value: '', label: 'keeps what it has' },
    ...choices.map(({ id, name, precision }) => ({ value: id, label: `${name} ${precision}` })),
  ];
  const choose = (name: string, id: string) => {
    const { [name]: _, ...others } = perClass;
    change({ variant: '', perClass: id === '' ? others : { ...others, [name]: id } });
  };
  return (
    <Panel id="classes" title="One for each class of hardware">
      <ul className="grid gap-2 px-5 pb-4 phone:px-4">
        {names.map((name) => (
          <li key={name} className="flex flex-wrap items-center justify-between gap-x-4 gap-y-1">
            <span className="min-w-0 wrap-anywhere">
              <span className="font-medium">{name}</span>{' '}
              <span className="text-second text-ink-3">{plural(classes.find((each) => each.name === name)?.devices ?? 0, 'device')}</span>
            </span>
            <SelectField
              label={`Variant for ${name}`}
              hidden
              value={perClass[name] ?? ''}
              options={options}
              onWrite={(id) => choose(name, id)}
            />
          </li>
        ))}
      </ul>
    </Panel>
  );
}
