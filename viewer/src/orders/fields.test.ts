import { describe, expect, it } from 'vitest';
import { draftOf, firstMissing, newDraft } from './fields';

const now = new Date(2026, 10, 22, 8, 5);

describe('the form of an order', () => {
  it('begins with now, and names what is missing, in the order of its fields', () => {
    const draft = newDraft(now);
    expect(draft.steps).toEqual([
      { scheduled_procedure_step_start_date: '2026-11-22', scheduled_procedure_step_start_time: '08:05' },
    ]);
    expect(firstMissing(draft)).toBe('patient_name');
    const words = { patient_name: 'An', patient_id: ' 1', requested_procedure_description: 'CT' };
    expect(firstMissing({ ...draft, words })).toBe('modality.0');
    const step = { ...draft.steps[0], modality: 'CT', scheduled_station_ae_title: 'CT1' };
    expect(firstMissing({ words, steps: [step] })).toBeUndefined();
    expect(firstMissing({ words: { ...words, patient_id: ' ' }, steps: [step] })).toBe('patient_id');
  });

  it('shows dates and times as inputs have them, and keeps what it does not show', () => {
    const words = { accession_number: 'A1', patient_birth_date: '19800229', admission_id: 'X' };
    const step = { modality: 'CT', scheduled_procedure_step_start_time: '083015' };
    expect(draftOf({ words, steps: [{ words: step, status: 'arrived' }] })).toEqual({
      words: { ...words, patient_birth_date: '1980-02-29' },
      steps: [{ modality: 'CT', scheduled_procedure_step_start_time: '08:30' }],
    });
  });
});
