import { describe, expect, it } from 'vitest';
import { type AdmissionDevice, type AdmissionTerms, admit } from './admission.ts';

const variant = { id: 'b'.repeat(64), bytes: 10e6, labels: '["cat","dog"]' };
const device: AdmissionDevice = {
  id: 'cam-1',
  hardwareClass: 'Pi 4',
  memoryBytes: 1e9,
  serving: { id: 'a'.repeat(64), labels: '["cat","dog"]' },
  busy: false,
  desiredId: null,
  exhausted: false,
  quarantined: [],
  elsewhere: null,
};
const terms: AdmissionTerms = { variantFor: (name) => (name === 'Pi 4' ? variant : undefined), otherLabels: false };

describe('a device among the targets', () => {
  it.each<[string, Partial<AdmissionDevice>, Partial<AdmissionTerms>, string]>([
    ['that serves another variant', {}, {}, 'ready'],
    ['that never said what it serves', { serving: null }, {}, 'ready'],
    ['that serves the variant', { serving: variant }, {}, 'already'],
    ['that serves it and was asked for it', { serving: variant, desiredId: variant.id }, {}, 'already'],
    ['that serves it and is to serve another one', { serving: variant, desiredId: 'a'.repeat(64) }, {}, 'ready'],
    ['that serves it on trial', { serving: variant, desiredId: variant.id, busy: true }, {}, 'ready'],
    ['where it failed', { quarantined: [{ sha256: variant.id, code: 'shadow_slow' }] }, {}, 'quarantined'],
    ['where another one failed', { quarantined: [{ sha256: 'c'.repeat(64), code: 'shadow_slow' }] }, {}, 'ready'],
    ['with too little memory', { memoryBytes: 200e6 }, {}, 'incompatible'],
    ['with unknown memory', { memoryBytes: null }, {}, 'ready'],
    ['with other labels', { serving: { id: 'a'.repeat(64), labels: '["nut"]' } }, {}, 'incompatible'],
    ['with other labels, where that is wanted', { serving: { id: 'a'.repeat(64), labels: '["nut"]' } }, { otherLabels: true }, 'ready'],
    ['with unknown labels', { serving: { id: 'a'.repeat(64), labels: null } }, {}, 'ready'],
    ['that claims the last revision there is', { exhausted: true }, {}, 'incompatible'],
    ['in another rollout', { elsewhere: 'spring' }, {}, 'elsewhere'],
    ['of a class without a variant', { hardwareClass: 'Orin' }, {}, 'unmapped'],
    ['of an unknown class', { hardwareClass: null }, {}, 'unmapped'],
  ])('%s', (_, facts, more, kind) => {
    expect(admit({ ...device, ...facts }, { ...terms, ...more }).kind).toBe(kind);
  });

  it('hears why not', () => {
    expect(admit({ ...device, quarantined: [{ sha256: variant.id, code: 'shadow_slow' }] }, terms)).toMatchObject({
      note: 'the variant failed there before (shadow_slow)',
    });
  });
});
