/**
 * JPEG does not say what its components are; decoders guess by markers of JFIF and Adobe, and by the components' names. In
 * DICOM the data set says it (PS3.5 8.2.1, JPEG Image Compression).
 */
import { Marker, type Segment, segmentsOf } from './jpegSegments';

/** Frame headers of DCT processes: of lossless ones the data set is believed anyway. */
const frameHeaders = [0xc0, 0xc1, 0xc2];
const names = [...'RGB'].map((letter) => letter.charCodeAt(0));

/** The places of the components' names in a frame or scan header, so many bytes apart. */
function nameComponents(
  { parameters }: Segment,
  first: number,
  step: number,
  named: ReadonlyMap<number, number>,
): void {
  for (let at = first; at < parameters.length; at += step) {
    parameters[at] = named.get(parameters[at] ?? 0) ?? parameters[at] ?? 0;
  }
}

/**
 * Has a decoder take the three components for red, green and blue, in place, as a data set of RGB means it. A marker of
 * Adobe's tells of the codestream itself, and is believed before the data set.
 */
export function declareRgb(codestream: Uint8Array): void {
  const segments = [...segmentsOf(codestream)];
  const frame = segments.find(({ marker }) => frameHeaders.includes(marker));
  const isSaid = segments.some(
    ({ marker, parameters }) =>
      marker === Marker.application14 && new TextDecoder('latin1').decode(parameters.subarray(0, 5)) === 'Adobe',
  );
  if (!frame || isSaid || frame.parameters[5] !== names.length || frame.parameters.length !== 6 + 3 * names.length) {
    return;
  }
  const named = new Map(names.map((name, place) => [frame.parameters[6 + 3 * place] ?? 0, name]));
  for (const segment of segments) {
    if (segment === frame) {
      nameComponents(segment, 6, 3, named);
    } else if (segment.marker === Marker.startOfScan) {
      const count = segment.parameters[0] ?? 0;
      nameComponents({ ...segment, parameters: segment.parameters.subarray(0, 1 + 2 * count) }, 1, 2, named);
    } else if (segment.marker === Marker.application0) {
      // JFIF knows no RGB. Nobody reads this one.
      codestream[segment.at + 1] = Marker.application15;
    }
  }
}
