/**
 * Which JPEG a codestream really is. Files exist that declare JPEG Lossless and hold baseline JPEG, or the other way
 * round; a decoder chosen by the declaration then shows noise without a word. The frame header does not lie (ITU-T T.81
 * B.2.2, Frame header syntax).
 */
import { firstPartAt } from '../dicomweb/multipart';
import { Marker, segmentsOf } from './jpegSegments';

const baseline = '1.2.840.10008.1.2.4.50';
const extended = '1.2.840.10008.1.2.4.51';
const lossless = '1.2.840.10008.1.2.4.57';
const losslessFirstOrder = '1.2.840.10008.1.2.4.70';

const jpegSyntaxes = [baseline, extended, lossless, losslessFirstOrder];

/** The transfer syntax that fits the frame header; undefined where no JPEG frame header is found. */
export function jpegTransferSyntax(codestream: Uint8Array): string | undefined {
  for (const { marker, parameters } of segmentsOf(codestream)) {
    switch (marker) {
      case 0xc0:
        return baseline;
      case 0xc1:
        // 8 bit samples take either syntax, 12 bit ones only this.
        return parameters[0] === 8 ? baseline : extended;
      case 0xc2:
        return extended;
      case 0xc3:
        return losslessFirstOrder;
      case Marker.startOfScan:
        return undefined;
    }
  }
  return undefined;
}

const label = 'transfer-syntax=';

/**
 * Corrects, in place, the transfer syntax in the head of a multipart answer's first part where the codestream behind it is
 * another kind of JPEG.
 */
export function correctJpegSyntax(body: Uint8Array): void {
  const end = firstPartAt(body);
  const head = new TextDecoder('latin1').decode(body.subarray(0, end));
  const start = head.toLowerCase().indexOf(label);
  if (start < 0) {
    return;
  }
  const valueAt = start + label.length + (head[start + label.length] === '"' ? 1 : 0);
  const declared = jpegSyntaxes.find((syntax) => head.startsWith(syntax, valueAt));
  const actual = declared === undefined ? undefined : jpegTransferSyntax(body.subarray(end));
  const isSameKind =
    actual === declared ||
    (actual === losslessFirstOrder && declared === lossless) ||
    (actual === baseline && declared === extended);
  if (declared !== undefined && actual !== undefined && !isSameKind) {
    // All four identifiers are of one length.
    body.set(new TextEncoder().encode(actual), valueAt);
  }
}
