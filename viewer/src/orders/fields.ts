/** The fields of the form of an order: which attributes it shows, in which order, and how they are typed. */
import { isoDate, isoDay } from '../imaging/dates';
import type { Order, OrderDraft, Words } from '../server/orders';

/** How a field is typed. */
export type FieldKind = 'text' | 'lines' | 'date' | 'time' | 'sex' | 'pregnancy' | 'modality' | 'station' | 'priority';

export interface Field {
  readonly name: string;
  readonly kind: FieldKind;
  readonly isRequired?: boolean;
  readonly maxLength?: number;
}

export const patientFields: readonly Field[] = [
  { name: 'patient_name', kind: 'text', isRequired: true, maxLength: 64 },
  { name: 'patient_id', kind: 'text', isRequired: true, maxLength: 64 },
  { name: 'patient_birth_date', kind: 'date' },
  { name: 'patient_sex', kind: 'sex' },
  { name: 'patient_weight', kind: 'text', maxLength: 16 },
  { name: 'pregnancy_status', kind: 'pregnancy' },
  { name: 'allergies', kind: 'text', maxLength: 64 },
];

export const requestFields: readonly Field[] = [
  { name: 'accession_number', kind: 'text', maxLength: 16 },
  { name: 'requested_procedure_description', kind: 'text', isRequired: true, maxLength: 64 },
  { name: 'referring_physician_name', kind: 'text', maxLength: 64 },
  { name: 'requesting_service', kind: 'text', maxLength: 64 },
  { name: 'requested_procedure_priority', kind: 'priority' },
  { name: 'reason_for_the_requested_procedure', kind: 'text', maxLength: 64 },
  { name: 'requested_procedure_comments', kind: 'lines' },
];

export const stepFields: readonly Field[] = [
  { name: 'modality', kind: 'modality', isRequired: true },
  { name: 'scheduled_station_ae_title', kind: 'station', isRequired: true },
  { name: 'scheduled_procedure_step_start_date', kind: 'date', isRequired: true },
  { name: 'scheduled_procedure_step_start_time', kind: 'time' },
  { name: 'scheduled_performing_physician_name', kind: 'text', maxLength: 64 },
  { name: 'scheduled_procedure_step_location', kind: 'text', maxLength: 16 },
];

/** Dates and times as inputs have them. */
function typed(words: Words, fields: readonly Field[]): Words {
  const shown = { ...words };
  for (const { name, kind } of fields) {
    const value = words[name];
    if (value !== undefined && kind === 'date') {
      shown[name] = isoDate(value);
    } else if (value !== undefined && kind === 'time') {
      shown[name] = `${value.slice(0, 2)}:${value.slice(2, 4)}`;
    }
  }
  return shown;
}

/** What the form of a new order begins with. */
export function newDraft(now: Date): OrderDraft {
  const digits = (value: number) => String(value).padStart(2, '0');
  return { words: {}, steps: [newStep(isoDay(now), `${digits(now.getHours())}:${digits(now.getMinutes())}`)] };
}

/** A step that begins then. */
export function newStep(day: string, time: string): Words {
  return { scheduled_procedure_step_start_date: day, scheduled_procedure_step_start_time: time };
}

/** What the form of an order begins with. What it does not show is sent back as it is. */
export function draftOf(order: Order): OrderDraft {
  return {
    words: typed(order.words, patientFields),
    steps: order.steps.map(({ words }) => typed(words, stepFields)),
  };
}

/** The first required field without a value, as the form names it. */
export function firstMissing(draft: OrderDraft): string | undefined {
  const isMissing = (words: Words) => (field: Field) =>
    field.isRequired === true && (words[field.name] ?? '').trim() === '';
  const ofOrder = [...patientFields, ...requestFields].find(isMissing(draft.words));
  if (ofOrder) {
    return ofOrder.name;
  }
  for (const [place, step] of draft.steps.entries()) {
    const ofStep = stepFields.find(isMissing(step));
    if (ofStep) {
      return `${ofStep.name}.${place}`;
    }
  }
  return undefined;
}
