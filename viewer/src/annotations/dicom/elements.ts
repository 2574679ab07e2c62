/** Making attributes of the DICOM JSON Model (PS3.18 Annex F). */
import type { DataSet, DicomElement } from '../../dicomweb/dataSet';

/** An attribute with these values; without any it is empty. */
export function element(vr: string, ...values: readonly unknown[]): DicomElement {
  return values.length > 0 ? { vr, Value: values } : { vr };
}

export function sequence(...items: readonly DataSet[]): DicomElement {
  return element('SQ', ...items);
}

/** PS3.5 section 6.2: a decimal string has at most 16 characters. */
export function decimal(value: number): string {
  const exact = String(value);
  if (exact.length <= 16) {
    return exact;
  }
  for (let digits = 15; digits > 0; digits -= 1) {
    const rounded = String(Number(value.toPrecision(digits)));
    if (rounded.length <= 16) {
      return rounded;
    }
  }
  return '0';
}

function twoDigits(value: number): string {
  return String(value).padStart(2, '0');
}

/** A moment as DA and TM, in the time of this place. */
export function dateAndTime(at: Date): { readonly date: string; readonly time: string } {
  return {
    date: `${at.getFullYear()}${twoDigits(at.getMonth() + 1)}${twoDigits(at.getDate())}`,
    time: `${twoDigits(at.getHours())}${twoDigits(at.getMinutes())}${twoDigits(at.getSeconds())}.${String(at.getMilliseconds()).padStart(3, '0')}`,
  };
}

/** The offset of this place from UTC, such as `+0700` (PS3.3 C.12.1.1.8, Timezone Offset From UTC). */
export function timezone(at: Date): string {
  const minutes = -at.getTimezoneOffset();
  const size = Math.abs(minutes);
  return `${minutes < 0 ? '-' : '+'}${twoDigits(Math.floor(size / 60))}${twoDigits(size % 60)}`;
}

/** The name of a person; an account has one component. */
export function person(name: string): DicomElement {
  return element('PN', { Alphabetic: name.replace(/[\\^=]/g, ' ') });
}
