/** Annotations in the reader's words: their names, and what was measured, with the decimal separator of the language. */
import type { TFunction } from 'i18next';
import type { Annotation, Measure, Quantity, Unit } from './model';

/** Said without a name in front: the drawing says what they are. */
const unnamed: readonly Quantity[] = ['length', 'angle', 'cobb', 'value'];

const unitNames: Readonly<Record<string, string>> = { mm: 'mm', mm2: 'mm²', deg: '°', HU: 'HU', SUVbw: 'SUVbw' };

function unitText(unit: Unit, t: TFunction): string {
  switch (unit) {
    case 'pixels':
    case 'pixels2':
      return t('annotations.pixels');
    case 'none':
    case 'ratio':
      return '';
    default:
      return unitNames[unit] ?? unit;
  }
}

function digitsOf({ quantity, unit, value }: Measure): number {
  if (quantity === 'ratio') {
    return 2;
  }
  if (unit === 'mm' || unit === 'deg' || unit === 'pixels') {
    return 1;
  }
  return Math.abs(value) >= 100 ? (quantity === 'minimum' || quantity === 'maximum' ? 0 : 1) : 2;
}

function numberText(measure: Measure, language: string): string {
  const digits = digitsOf(measure);
  return new Intl.NumberFormat(language, {
    maximumFractionDigits: digits,
    minimumFractionDigits: Number.isInteger(measure.value) && measure.unit !== 'mm' ? 0 : digits,
  }).format(measure.value);
}

/** One measure, such as `12,3 mm` or `Mean 41.5 HU`. */
export function measureText(measure: Measure, language: string, t: TFunction): string {
  const unit = unitText(measure.unit, t);
  const number = numberText(measure, language);
  const value = unit === '°' ? `${number}°` : unit === '' ? number : `${number} ${unit}`;
  if (measure.quantity === 'foreign') {
    return measure.name === undefined ? value : `${measure.name} ${value}`;
  }
  return unnamed.includes(measure.quantity) ? value : `${t(`annotations.quantity.${measure.quantity}`)} ${value}`;
}

/** What sizes rest on where that is not the patient. */
export function sizeNote(
  { measures, sizeSource }: Pick<Annotation, 'measures' | 'sizeSource'>,
  t: TFunction,
): string | undefined {
  const hasSize = measures.some(({ unit }) => ['mm', 'mm2', 'pixels', 'pixels2'].includes(unit));
  return hasSize && sizeSource !== 'patient' && sizeSource !== 'region'
    ? t(`annotations.size.${sizeSource}`)
    : undefined;
}

/** What stands beside an annotation. */
export function linesOf(annotation: Annotation, language: string, t: TFunction): readonly string[] {
  const note = sizeNote(annotation, t);
  const lossy = annotation.isLossy ? [t('annotations.lossy')] : [];
  return [
    ...(annotation.label === '' ? [] : [annotation.label]),
    ...annotation.measures.map((measure) => measureText(measure, language, t)),
    ...(note === undefined ? [] : [note]),
    ...lossy,
  ];
}
