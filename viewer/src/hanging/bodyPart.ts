/** Which part of the body a study or series is of, in the words of PS3.16 Annex L, as far as machines and descriptions tell. */
import type { Series } from '../dicomweb/series';

/** Words and groups of words, folded, as Vietnamese and English machines and descriptions have them. */
const parts: readonly (readonly [part: string, phrases: readonly string[]])[] = [
  ['BREAST', ['breast', 'mammo', 'mammography', 'tuyen vu', 'vu', 'nhu anh']],
  ['CHEST', ['chest', 'thorax', 'lung', 'lungs', 'nguc', 'tim phoi', 'phoi', 'cxr']],
  ['HEAD', ['head', 'brain', 'skull', 'so nao', 'nao', 'cranium']],
  ['SPINE', ['spine', 'cspine', 'tspine', 'lspine', 'tlspine', 'lumbar', 'cervical', 'cot song', 'csc', 'cstl']],
  ['NECK', ['neck', 'thyroid', 'vung co', 'tuyen giap']],
  ['ABDOMEN', ['abdomen', 'abdominal', 'abd', 'liver', 'bung', 'o bung']],
  ['PELVIS', ['pelvis', 'pelvic', 'khung chau', 'tieu khung']],
  ['HEART', ['heart', 'cardiac', 'coronary', 'mach vanh', 'tim']],
  ['KNEE', ['knee', 'goi', 'khop goi']],
  ['SHOULDER', ['shoulder', 'vai', 'khop vai']],
  ['HIP', ['hip', 'khop hang']],
  ['HAND', ['hand', 'finger', 'ban tay', 'ngon tay']],
  ['FOOT', ['foot', 'ankle', 'ban chan', 'co chan']],
];

/** Words of a text without case and marks. */
export function words(text: string | undefined): readonly string[] {
  const plain = (text ?? '').normalize('NFD').replace(/\p{M}/gu, '').replace(/[đĐ]/g, 'd').toLowerCase();
  return plain.split(/[^a-z0-9]+/).filter((word) => word !== '');
}

function partIn(text: string | undefined): string | undefined {
  const folded = ` ${words(text).join(' ')} `;
  return parts.find(([, phrases]) => phrases.some((phrase) => folded.includes(` ${phrase} `)))?.[0];
}

/** As the machine says, or else as the description does. */
export function bodyPart(
  stated: string | undefined,
  ...descriptions: readonly (string | undefined)[]
): string | undefined {
  const known = partIn(stated) ?? (stated === undefined ? undefined : stated.toUpperCase());
  return known ?? descriptions.map(partIn).find((part) => part !== undefined);
}

/** The parts that the series of a study are of, or else its description says. */
export function bodyParts(list: readonly Series[], studyDescription: string | undefined): ReadonlySet<string> {
  const ofSeries = list.flatMap(({ modality, bodyPart: stated, description }) => {
    return bodyPart(stated ?? (modality === 'MG' ? 'BREAST' : undefined), description, studyDescription) ?? [];
  });
  const said = partIn(studyDescription);
  return new Set(ofSeries.length > 0 || said === undefined ? ofSeries : [said]);
}
