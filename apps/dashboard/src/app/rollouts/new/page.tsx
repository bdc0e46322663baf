/** @file A new rollout: variant, devices, stages, gates, review. The draft is the address; nothing is kept before it is started. */
import type { Metadata } from 'next';
import { LoadFailure } from '@/components/load-failure.tsx';
import { TopBar } from '@/components/shell/top-bar.tsx';
import { variantChoices } from '@/features/assign/choices.ts';
import { DevicesStep } from '@/features/rollouts/devices-step.tsx';
import { goalOf, isComplete, readDraft, specOf } from '@/features/rollouts/draft.ts';
import { DraftForm } from '@/features/rollouts/draft-form.tsx';
import { GatesStep } from '@/features/rollouts/gates-step.tsx';
import { PreviewPanel } from '@/features/rollouts/preview-panel.tsx';
import { ReviewStep } from '@/features/rollouts/review-step.tsx';
import { StagesStep } from '@/features/rollouts/stages-step.tsx';
import { VariantStep } from '@/features/rollouts/variant-step.tsx';
import { loadDraftPage } from '@/server/queries/draft-page.ts';
import { orFailure } from '@/server/queries/or-failure.ts';

export const metadata: Metadata = { title: 'New rollout' };

const parent = { href: '/rollouts', label: 'Rollouts' };

export default async function NewRolloutPage({ searchParams }: PageProps<'/rollouts/new'>) {
  const draft = readDraft(await searchParams);
  const loaded = await orFailure(() =>
    loadDraftPage(isComplete(draft) ? specOf(draft) : null, draft.step === 'variant' ? goalOf(draft) : null),
  );
  if (!loaded.ok) {
    return (
      <>
        <TopBar title="New rollout" parent={parent} />
        <LoadFailure cause={loaded.cause} />
      </>
    );
  }
  const facts = loaded.value;
  const { preview, fleet, variants } = facts;
  return (
    <>
      <TopBar title="New rollout" parent={parent} />
      <main id="content" className="phone:pb-20">
        <DraftForm address={draft}>
          {draft.step === 'variant' && (
            <VariantStep choices={variantChoices([...variants.values()], facts.windows)} classes={facts.classes} plan={facts.plan} />
          )}
          {draft.step === 'devices' && (
            <>
              <DevicesStep facets={facts.facets} />
              {preview !== null && <PreviewPanel outcome={preview} fleet={fleet} />}
            </>
          )}
          {draft.step === 'stages' && (
            <StagesStep sizes={preview?.ok ? preview.preview.phases : null} total={preview?.ok ? preview.preview.counts.ready : null} />
          )}
          {draft.step === 'gates' && <GatesStep />}
          {draft.step === 'review' && <ReviewStep draft={draft} facts={facts} />}
        </DraftForm>
      </main>
    </>
  );
}
