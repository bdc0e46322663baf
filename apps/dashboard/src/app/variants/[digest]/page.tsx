/** @file One variant: what it is, what it measured on which hardware, who uses it, what happened to it. */
import type { Metadata } from 'next';
import { notFound } from 'next/navigation';
import { Link } from '@/components/link.tsx';
import { LoadFailure } from '@/components/load-failure.tsx';
import { TopBar } from '@/components/shell/top-bar.tsx';
import { buttonClass } from '@/components/ui/button.tsx';
import { VariantName } from '@/components/variant-name.tsx';
import { AssignProvider, GiveVariantButton } from '@/features/assign/assign-provider.tsx';
import { deviceChoices, variantChoices } from '@/features/assign/choices.ts';
import { RegistryButtons } from '@/features/variant/registry-buttons.tsx';
import { LabelList, MeasuredTable, UsesList, VariantFactsGrid, VariantHistory } from '@/features/variant/variant-sections.tsx';
import { judge } from '@/lib/attention.ts';
import { shortDigest } from '@/lib/format.ts';
import { isOffered } from '@/lib/variant-facts.ts';
import { loadFleet } from '@/server/queries/fleet.ts';
import { orFailure } from '@/server/queries/or-failure.ts';
import { loadVariant } from '@/server/queries/variant.ts';
import { usesInWords } from '@/server/services/retire-variant.ts';

type Props = PageProps<'/variants/[digest]'>;

const parent = { href: '/variants', label: 'Variants' };

export async function generateMetadata({ params }: Props): Promise<Metadata> {
  return { title: `Variant ${shortDigest((await params).digest)}` };
}

export default async function VariantPage({ params }: Props) {
  const { digest } = await params;
  const loaded = await orFailure(() => Promise.all([loadVariant(digest), loadFleet()]));
  if (!loaded.ok) {
    return (
      <>
        <TopBar title="Variant" parent={parent} />
        <LoadFailure cause={loaded.cause} />
      </>
    );
  }
  const [facts, fleet] = loaded.value;
  if (facts === null) notFound();
  const { variant, uses, retiredAt } = facts;
  const judged = fleet.devices.map((device) => judge(device, fleet.hub, fleet.now));
  return (
    <>
      <TopBar title={variant.name} parent={parent} />
      <main id="content">
        <AssignProvider variants={variantChoices(fleet.variants, fleet.windows)} devices={deviceChoices(judged)}>
          <div className="flex min-h-[54px] flex-wrap items-center gap-x-4 gap-y-2 border-line border-b px-5 py-2 phone:px-4">
            <h1 className="min-w-0 text-object">
              <VariantName variant={variant} chip />
            </h1>
            {retiredAt !== null && <span className="rounded-tag bg-track px-2 font-medium leading-6">Retired</span>}
            {!variant.stored && <span className="rounded-tag bg-track px-2 font-medium leading-6">Not in the registry</span>}
            {variant.stored && (
              <div className="ml-auto flex flex-wrap items-center gap-2 phone:ml-0 phone:w-full">
                {isOffered(variant) && (
                  <>
                    <Link href={`/rollouts/new?step=devices&variant=${variant.id}`} className={buttonClass({ tone: 'primary' })}>
                      Roll out
                    </Link>
                    <GiveVariantButton variantId={variant.id} name={variant.name} />
                  </>
                )}
                <RegistryButtons
                  variantId={variant.id}
                  name={`${variant.name} ${variant.precision}`}
                  retired={variant.retired}
                  inUse={uses.length === 0 ? null : usesInWords(uses)}
                />
              </div>
            )}
          </div>
          <VariantFactsGrid facts={facts} />
          <div className="grid divide-line max-xl:divide-y xl:grid-cols-[minmax(0,1fr)_400px] xl:divide-x">
            <div className="divide-y divide-line">
              <MeasuredTable facts={facts} />
              <VariantHistory facts={facts} />
            </div>
            <div className="divide-y divide-line">
              <UsesList facts={facts} />
              <LabelList facts={facts} />
            </div>
          </div>
        </AssignProvider>
      </main>
    </>
  );
}
