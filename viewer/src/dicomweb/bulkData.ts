/**
 * Bulk data of lookup tables. A server may leave long values out of the metadata and name an address instead
 * (PS3.18 Annex F.2.2); lookup tables are needed before the first pixel, so they are fetched and put back in.
 */
import { RequestError } from '../server/request';
import { bulkBytes } from './bulkBytes';
import type { DataSet, DicomElement } from './dataSet';
import { parseDataSet } from './dataSet';
import { Tag } from './tags';

const lookupTables = new Set<string>([
  Tag.LutData,
  Tag.RedPaletteLutData,
  Tag.GreenPaletteLutData,
  Tag.BluePaletteLutData,
]);
/** Bytes: 65,536 entries of 16 bits, and some more. */
const longestTable = 2 ** 18;
const sequences = [
  Tag.ModalityLutSequence,
  Tag.VoiLutSequence,
  Tag.FrameVoiLutSequence,
  Tag.SoftcopyVoiLutSequence,
  Tag.PresentationLutSequence,
  Tag.SharedFunctionalGroups,
  Tag.PerFrameFunctionalGroups,
];

/** Most functional groups have no bulk data, and there are thousands of them. */
function hasBulkData(value: unknown): boolean {
  return (
    typeof value === 'object' && value !== null && ('BulkDataURI' in value || Object.values(value).some(hasBulkData))
  );
}

async function inline(element: DicomElement, signal: AbortSignal): Promise<DicomElement> {
  if (element.BulkDataURI === undefined) {
    return element;
  }
  try {
    return await fetchInline(element.vr, element.BulkDataURI, signal);
  } catch (error) {
    signal.throwIfAborted();
    if (error instanceof RequestError && (error.status === 0 || error.status === 401)) {
      throw error;
    }
    // A table the server cannot give is a table the image does not have: it shows with an ordinary window.
    return { vr: element.vr };
  }
}

async function fetchInline(vr: string, uri: string, signal: AbortSignal): Promise<DicomElement> {
  return { vr, InlineBinary: toBase64(await bulkBytes(uri, longestTable, signal)) };
}

/** The data set with the values of its lookup tables in place. */
export async function withLookupTables(dataSet: DataSet, signal: AbortSignal): Promise<DataSet> {
  const result: Record<string, DicomElement> = { ...dataSet };
  for (const [tag, element] of Object.entries(dataSet)) {
    if (lookupTables.has(tag)) {
      result[tag] = await inline(element, signal);
    }
  }
  for (const tag of sequences) {
    const sequence = dataSet[tag];
    if (sequence?.Value && hasBulkData(sequence.Value)) {
      const inlined = sequence.Value.map((item) => withLookupTables(parseDataSet(item), signal));
      result[tag] = { vr: 'SQ', Value: await Promise.all(inlined) };
    }
  }
  return result;
}

function toBase64(bytes: Uint8Array): string {
  let binary = '';
  for (let start = 0; start < bytes.length; start += 0x8000) {
    binary += String.fromCharCode(...bytes.subarray(start, start + 0x8000));
  }
  return btoa(binary);
}
