/** @file An address without a page. */
import type { Metadata } from 'next';
import { Link } from '@/components/link.tsx';
import { HoldStill } from '@/components/live/hold-still.tsx';
import { TopBar } from '@/components/shell/top-bar.tsx';
import { buttonClass } from '@/components/ui/button.tsx';
import { Empty } from '@/components/ui/empty.tsx';

export const metadata: Metadata = { title: 'Not found' };

export default function NotFound() {
  return (
    <>
      <HoldStill />
      <TopBar title="Not found" />
      <main id="content" className="pt-5">
        <Empty title="There is no page at this address.">
          <Link href="/" className={buttonClass({}, 'mt-2')}>
            Go to the fleet
          </Link>
        </Empty>
      </main>
    </>
  );
}
