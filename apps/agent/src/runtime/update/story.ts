/** @file An update, told phase by phase. */
import type { EventLevel, UpdateState } from '@alpharho/protocol';
import type { Emit } from '../../domain/events.ts';
import type { QuarantineChange } from './runner.ts';

/** @param before what is known already and not told again. @returns takes each new state; progress within a phase is no news */
export function tellUpdates(emit: Emit, before: UpdateState): (state: UpdateState) => void {
  let told = before;
  return (state) => {
    if (state.phase === told.phase && state.revision === told.revision) return;
    told = state;
    const { phase, revision, target, outcome } = state;
    const error = outcome?.error;
    const words = `update ${revision}: ${phase.replaceAll('_', ' ')}`;
    emit({
      id: 'update.phase',
      level: levelOf(state),
      message: error === undefined ? words : `${words}: ${error.message}`,
      detail: {
        phase,
        revision,
        ...(target !== undefined && { target }),
        ...(outcome !== undefined && { outcome: outcome.code }),
        ...(error !== undefined && { code: error.code }),
      },
    });
  };
}

function levelOf({ phase, outcome }: UpdateState): EventLevel {
  return phase === 'failed' || phase === 'rolled_back' || outcome?.error !== undefined ? 'error' : 'info';
}

export function tellQuarantine(emit: Emit, { sha256, revision, code }: QuarantineChange): void {
  const name = `variant ${sha256.slice(0, 12)}`;
  if (code === undefined) {
    emit({ id: 'update.pardoned', level: 'info', message: `${name} may be tried again`, detail: { revision }, variant: sha256 });
    return;
  }
  const message = `${name} failed here (${code}), and is not tried again without leave`;
  emit({ id: 'update.quarantined', level: 'warning', message, detail: { revision, code }, variant: sha256 });
}
