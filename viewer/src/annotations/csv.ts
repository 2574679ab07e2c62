/** Annotations as a table for a spreadsheet (RFC 4180), one line for each measure. */
import type { Annotation } from './model';

/** A text that a spreadsheet would take for a formula is kept from being one. */
function cell(value: string | number | undefined): string {
  const text = String(value ?? '');
  const harmless = typeof value === 'string' && /^[=+\-@\t\r]/.test(text) ? `'${text}` : text;
  return /[",\n\r]/.test(harmless) ? `"${harmless.replace(/"/g, '""')}"` : harmless;
}

const columns = ['label', 'kind', 'quantity', 'value', 'unit', 'size', 'series', 'instance', 'frame', 'uid'] as const;

export function csvOf(annotations: readonly Annotation[]): string {
  const rows = annotations.flatMap((annotation) => {
    const { label, kind, image, measures, sizeSource, uid } = annotation;
    const place = [image.seriesInstanceUid, image.sopInstanceUid, image.frameNumber, uid];
    return measures.length === 0
      ? [[label, kind, '', '', '', '', ...place]]
      : measures.map(({ quantity, name, value, unit }) => [
          label,
          kind,
          name ?? quantity,
          value,
          unit,
          sizeSource,
          ...place,
        ]);
  });
  return [columns, ...rows].map((row) => row.map(cell).join(',')).join('\r\n');
}

/** Gives it to the browser to keep. The mark in front tells spreadsheets that it is UTF-8. */
export function downloadCsv(annotations: readonly Annotation[], name: string): void {
  const url = URL.createObjectURL(new Blob([`\ufeff${csvOf(annotations)}\r\n`], { type: 'text/csv;charset=utf-8' }));
  const link = document.createElement('a');
  link.href = url;
  link.download = `${name}.csv`;
  link.click();
  URL.revokeObjectURL(url);
}
