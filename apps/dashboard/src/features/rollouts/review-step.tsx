/** @file Before anything moves: who, in which order, how long, judged by what, and how it comes back. */
import { Link } from '@/components/link.tsx';
import { Empty } from '@/components/ui/empty.tsx';
import { VariantName } from '@/components/variant-name.tsx';
import { formatAge, plural } from '@/lib/format.ts';
import type { DraftPageFacts } from '@/server/queries/draft-page.ts';
import { type Draft, type DraftStep, draftHref, specOf } from './draft.ts';
import { LimitsPanel, OrderPanel } from './plan-panels.tsx';
import { PreviewPanel, Wrong } from './preview-panel.tsx';
import { StartBox } from './start-box.tsx';
import { startLabel } from './steering.ts';
import { followsOf } from './steps.ts';
import { FollowsPanel } from './steps-panel.tsx';

type Props = { draft: Draft; facts: DraftPageFacts };

export function ReviewStep({ draft, facts }: Props) {
  const { preview, spec, fleet } = facts;
  if (preview === null) return <Missing draft={draft} />;
  if (!preview.ok || spec === null) {
    return (
      <div className="pt-4">
        <Wrong message={preview.ok ? 'The draft is not complete' : preview.message} />
      </div>
    );
  }
  const { counts } = preview.preview;
  const soak = spec.phases.reduce((sum, phase) => sum + phase.soak, 0);
  return (
    <div className="xl:grid xl:grid-cols-[minmax(0,1fr)_360px] xl:divide-x xl:divide-line">
      <div className="min-w-0">
        <h2 className="flex flex-wrap items-center gap-x-2 gap-y-1 px-5 pt-4 text-object phone:px-4">
          Move {counts.ready} of {plural(fleet, 'device')} to <Chosen draft={draft} facts={facts} />
        </h2>
        <p className="px-5 pt-1 pb-2 text-ink-2 phone:px-4">
          In {plural(spec.phases.length, 'stage')}, gated on what the model does
          {soak > 0 && `, watched for ${formatAge(soak)} at least`}.
        </p>
        <PreviewPanel outcome={preview} fleet={fleet} />
        <OrderPanel spec={spec} preview={preview.preview} change={<ChangeLink draft={draft} step="stages" />} />
        <LimitsPanel spec={spec} change={<ChangeLink draft={draft} step="gates" />} />
      </div>
      <div>
        <FollowsPanel follows={followsOf(spec, 0, null)} title="After each look at the gates" />
        <StartBox
          spec={specOf(draft)}
          name={draft.name}
          devices={counts.ready}
          fleet={fleet}
          label={startLabel(preview.preview)}
          startAt={draft.startAt}
        />
      </div>
    </div>
  );
}

function Missing({ draft }: { draft: Draft }) {
  const chosen = draft.variant !== '' || Object.keys(draft.perClass).length > 0;
  const step: DraftStep = chosen ? 'devices' : 'variant';
  return (
    <div className="pt-4">
      <Empty title={chosen ? 'No devices are named yet.' : 'No variant is chosen yet.'}>
        <ChangeLink draft={draft} step={step} label={chosen ? 'Choose devices' : 'Choose a variant'} />
      </Empty>
    </div>
  );
}

function Chosen({ draft: { variant, perClass }, facts: { variants } }: Props) {
  const ids = variant === '' ? [...new Set(Object.values(perClass))] : [variant];
  return ids.map((id) => {
    const facts = variants.get(id);
    return facts === undefined ? <span key={id}>{id.slice(0, 8)}</span> : <VariantName key={id} variant={facts} />;
  });
}

function ChangeLink({ draft, step, label = 'Change' }: { draft: Draft; step: DraftStep; label?: string }) {
  return (
    <Link href={draftHref(draft, { step })} className="text-accent underline-offset-2 hover:underline phone:py-3">
      {label}
    </Link>
  );
}
