/** @file What a list says when it has nothing: one sentence, and the way to get some. */
import type { ReactNode } from 'react';

export function Empty({ title, children }: { title: ReactNode; children?: ReactNode }) {
  return (
    <div className="px-5 pt-1 pb-5 phone:px-4">
      <p className="font-medium">{title}</p>
      {children !== undefined && <div className="mt-0.5 max-w-[62ch] text-ink-2">{children}</div>}
    </div>
  );
}
