/** @file A device that was never heard of. */
import { Link } from '@/components/link.tsx';
import { TopBar } from '@/components/shell/top-bar.tsx';
import { buttonClass } from '@/components/ui/button.tsx';
import { Empty } from '@/components/ui/empty.tsx';

export default function DeviceNotFound() {
  return (
    <>
      <TopBar title="No such device" />
      <main id="content" className="pt-5">
        <Empty title="No device of this name was ever heard of.">
          It appears with its first heartbeat, under the name that its agent was started with (
          <code className="font-mono text-second">--id</code>).
          <br />
          <Link href="/devices" className={buttonClass({}, 'mt-3')}>
            Show all devices
          </Link>
        </Empty>
      </main>
    </>
  );
}
