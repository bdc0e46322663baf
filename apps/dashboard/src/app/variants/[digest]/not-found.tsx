/** @file A variant that the registry does not know. */
import { Link } from '@/components/link.tsx';
import { TopBar } from '@/components/shell/top-bar.tsx';
import { buttonClass } from '@/components/ui/button.tsx';
import { Empty } from '@/components/ui/empty.tsx';

export default function VariantNotFound() {
  return (
    <>
      <TopBar title="No such variant" />
      <main id="content" className="pt-5">
        <Empty title="The registry knows no variant whose digest begins so.">
          <Link href="/variants" className={buttonClass({}, 'mt-3')}>
            Show all variants
          </Link>
        </Empty>
      </main>
    </>
  );
}
