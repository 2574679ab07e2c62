/** What kind of object an instance is: a picture the viewer draws, or something else that it shows or at least names. */

/** Objects that are not drawn as pictures. */
export type OtherObjectKind =
  | 'structuredReport'
  | 'keyObject'
  | 'presentationState'
  | 'segmentation'
  | 'radiotherapy'
  | 'pdf'
  | 'cda'
  | 'model3d'
  | 'waveform'
  | 'video'
  | 'registration'
  | 'rawData'
  | 'wholeSlide'
  | 'parametricMap'
  | 'unknown';

/** Of these the kinds that a viewport shows, as what the server or the browser makes of them. */
export const shownKinds = ['pdf', 'video', 'structuredReport', 'keyObject', 'waveform'] as const;
export type ShownObjectKind = (typeof shownKinds)[number];

/** Whether objects of this kind can be opened in a viewport. */
export function isShownKind(kind: OtherObjectKind): kind is ShownObjectKind {
  return shownKinds.some((shown) => shown === kind);
}

/** SOP Class UIDs, or their beginnings, of objects that are no pictures (PS3.4 B.5, Standard SOP Classes). */
const kinds: readonly (readonly [prefix: string, kind: OtherObjectKind])[] = [
  ['1.2.840.10008.5.1.4.1.1.88.59', 'keyObject'],
  ['1.2.840.10008.5.1.4.1.1.88.', 'structuredReport'],
  ['1.2.840.10008.5.1.4.1.1.11.', 'presentationState'],
  ['1.2.840.10008.5.1.4.1.1.66.4', 'segmentation'],
  ['1.2.840.10008.5.1.4.1.1.66.5', 'segmentation'],
  ['1.2.840.10008.5.1.4.1.1.66.7', 'segmentation'],
  ['1.2.840.10008.5.1.4.1.1.66.1', 'registration'],
  ['1.2.840.10008.5.1.4.1.1.66.2', 'registration'],
  ['1.2.840.10008.5.1.4.1.1.66.3', 'registration'],
  ['1.2.840.10008.5.1.4.1.1.66', 'rawData'],
  ['1.2.840.10008.5.1.4.1.1.67', 'parametricMap'],
  ['1.2.840.10008.5.1.4.1.1.30', 'parametricMap'],
  ['1.2.840.10008.5.1.4.1.1.104.1', 'pdf'],
  ['1.2.840.10008.5.1.4.1.1.104.2', 'cda'],
  ['1.2.840.10008.5.1.4.1.1.104.', 'model3d'],
  ['1.2.840.10008.5.1.4.1.1.9.', 'waveform'],
  ['1.2.840.10008.5.1.4.1.1.77.1.6', 'wholeSlide'],
];

/** Radiotherapy objects; RT Image (481.1) is a picture. */
const radiotherapy = /^1\.2\.840\.10008\.5\.1\.4\.1\.1\.481\.(?!1$)/;

/** MPEG2, MPEG-4 AVC/H.264 and HEVC/H.265 transfer syntaxes, whose frames cannot be fetched one by one. */
const video = /^1\.2\.840\.10008\.1\.2\.4\.10[0-8](\.1)?$/;

/** What stands in the way of drawing an instance; undefined if it is a picture. */
export function otherObjectKind(instance: {
  readonly sopClassUid: string;
  readonly transferSyntaxUid: string | undefined;
  readonly hasPixels: boolean;
}): OtherObjectKind | undefined {
  if (instance.transferSyntaxUid !== undefined && video.test(instance.transferSyntaxUid)) {
    return 'video';
  }
  if (radiotherapy.test(instance.sopClassUid)) {
    return 'radiotherapy';
  }
  const known = kinds.find(([prefix]) =>
    prefix.endsWith('.') ? instance.sopClassUid.startsWith(prefix) : matchesClass(instance.sopClassUid, prefix),
  );
  if (known) {
    return known[1];
  }
  return instance.hasPixels ? undefined : 'unknown';
}

function matchesClass(sopClassUid: string, prefix: string): boolean {
  return sopClassUid === prefix || (prefix !== '1.2.840.10008.5.1.4.1.1.66' && sopClassUid.startsWith(`${prefix}.`));
}
