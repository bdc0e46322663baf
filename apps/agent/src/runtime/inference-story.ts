/** @file Tells how a variant runs on this device, once for each way. */
import type { Emit } from '../domain/events.ts';
import type { Lane } from '../domain/ports.ts';

/** @returns to be called with each lane that begins to serve, and when more is known of it */
export function inferenceTeller(emit: Emit): (how: Pick<Lane, 'variant' | 'inference'>) => void {
  let told = '';
  return ({ variant, inference }) => {
    const key = JSON.stringify([variant.sha256, inference]);
    if (key === told) return;
    told = key;
    const { provider, threads, precision, tuned, reason } = inference;
    const way = `${provider}, ${threads} ${threads === 1 ? 'thread' : 'threads'}, ${precision}`;
    emit({
      id: 'inference.settings',
      level: 'info',
      message: `variant ${variant.sha256.slice(0, 12)} runs on ${way}${tuned ? ', as measured here' : ''}${reason === undefined ? '' : ` (${reason})`}`,
      detail: { provider, threads, precision, tuned, ...(reason !== undefined && { reason }) },
      variant: variant.sha256,
    });
  };
}
