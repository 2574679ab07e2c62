/**
 * Which JPEG a codestream really is. Files exist that declare JPEG Lossless and hold baseline JPEG, or the other way
 * round; a decoder chosen by the declaration then shows noise without a word. The frame header does not lie (ITU-T T.81
 * B.2.2, Frame header syntax).
 */

const baseline = '1.2.840.10008.1.2.4.50';
const extended = '1.2.840.10008.1.2.4.51';
const lossless = '1.2.840.10008.1.2.4.57';
const losslessFirstOrder = '1.2.840.10008.1.2.4.70';

const jpegSyntaxes = [baseline, extended, lossless, losslessFirstOrder];

const startOfImage = 0xd8;
const startOfScan = 0xda;

/** The transfer syntax that fits the frame header; undefined where no JPEG frame header is found. */
export function jpegTransferSyntax(codestream: Uint8Array): string | undefined {
  const view = new DataView(codestream.buffer, codestream.byteOffset, codestream.byteLength);
  if (codestream.length < 4 || view.getUint16(0) !== (0xff00 | startOfImage)) {
    return undefined;
  }
  let at = 2;
  while (at + 9 < codestream.length && codestream[at] === 0xff) {
    const marker = codestream[at + 1];
    switch (marker) {
      case 0xff:
        at += 1;
        continue;
      case 0xc0:
        return baseline;
      case 0xc1:
        // 8 bit samples take either syntax, 12 bit ones only this.
        return codestream[at + 4] === 8 ? baseline : extended;
      case 0xc2:
        return extended;
      case 0xc3:
        return losslessFirstOrder;
      case startOfScan:
        return undefined;
      default:
        at += 2 + view.getUint16(at + 2);
    }
  }
  return undefined;
}

const label = 'transfer-syntax=';
/** Part headers are short; a label further in is pixel data. */
const longestHead = 1024;

/**
 * Corrects, in place, the transfer syntax in the header of a multipart answer's first part where the codestream behind it
 * is another kind of JPEG.
 */
export function correctJpegSyntax(body: Uint8Array): void {
  const head = new TextDecoder('latin1').decode(body.subarray(0, longestHead));
  const end = head.indexOf('\r\n\r\n');
  const start = head.toLowerCase().indexOf(label);
  if (start < 0 || end < start) {
    return;
  }
  const valueAt = start + label.length + (head[start + label.length] === '"' ? 1 : 0);
  const declared = jpegSyntaxes.find((syntax) => head.startsWith(syntax, valueAt));
  const actual = declared === undefined ? undefined : jpegTransferSyntax(body.subarray(end + 4));
  const isSameKind =
    actual === declared ||
    (actual === losslessFirstOrder && declared === lossless) ||
    (actual === baseline && declared === extended);
  if (declared !== undefined && actual !== undefined && !isSameKind) {
    // All four identifiers are of one length.
    body.set(new TextEncoder().encode(actual), valueAt);
  }
}
