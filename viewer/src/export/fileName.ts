/** Names of files: of letters, digits and dashes, whatever a patient or a series is called. */
import type { Study } from '../dicomweb/studies';

const longestPart = 40;

/** A text without diacritics and without anything that a file system reads. */
export function safePart(text: string): string {
  const plain = text.normalize('NFD').replace(/\p{M}/gu, '').replace(/đ/g, 'd').replace(/Đ/g, 'D');
  return plain
    .replace(/[^A-Za-z0-9]+/g, '-')
    .slice(0, longestPart)
    .replace(/^-+|-+$/g, '');
}

/** What a file is called. Without `identity` it says nothing of the patient. */
export function fileName(
  what: {
    readonly study: Study | undefined;
    readonly modality: string;
    readonly seriesNumber: number | undefined;
    /** From 1. */
    readonly image: number | undefined;
    readonly code: string;
  },
  identity: boolean,
  extension: string,
): string {
  const { study, modality, seriesNumber, image, code } = what;
  const parts = [
    identity ? safePart(study?.patientId ?? '') : '',
    identity ? safePart(study?.patientName ?? '') : '',
    identity ? safePart(study?.studyDate ?? '') : '',
    safePart(modality),
    seriesNumber === undefined ? '' : `s${seriesNumber}`,
    image === undefined ? '' : `i${image}`,
    safePart(code),
  ];
  return `${parts.filter((part) => part !== '').join('_')}.${extension}`;
}
