/** Modality and VOI lookup tables (PS3.3 C.11.1 and C.11.2): table in, values out. */
import { type DataSet, inlineBytes, numbers } from '../dicomweb/dataSet';
import { Tag } from '../dicomweb/tags';

export interface LookupTable {
  readonly firstValue: number;
  readonly entries: Uint16Array;
  /** The largest value that the table can give: that of its bits, unless an entry is larger still. */
  readonly most: number;
}

/** The table that an item of a sequence holds. */
export function lookupTableOf(item: DataSet): LookupTable | undefined {
  return lookupTable(numbers(item, Tag.LutDescriptor), inlineBytes(item, Tag.LutData) ?? numbers(item, Tag.LutData));
}

/** Reads a table from LUT Descriptor and LUT Data (C.11.1.1, LUT Descriptor: 0 entries means 65,536). */
export function lookupTable(
  descriptor: readonly number[],
  values: readonly number[] | Uint8Array,
): LookupTable | undefined {
  const [declared, first, bits] = descriptor;
  if (declared === undefined || first === undefined || bits === undefined) {
    return undefined;
  }
  const count = declared === 0 ? 65_536 : declared;
  const all = values instanceof Uint8Array ? words(values, count) : Uint16Array.from(values);
  const entries = all.subarray(0, count);
  let most = 2 ** Math.min(Math.max(bits, 1), 16) - 1;
  for (const entry of entries) {
    most = Math.max(most, entry);
  }
  return entries.length > 0 ? { firstValue: first, entries, most } : undefined;
}

/** Entries from little-endian bytes: two each, or one each where 8 bit entries are packed. */
function words(bytes: Uint8Array, count: number): Uint16Array {
  if (bytes.length < count * 2) {
    return Uint16Array.from(bytes);
  }
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  return Uint16Array.from({ length: count }, (_, index) => view.getUint16(index * 2, true));
}

/** The entry for a value; values before the first and after the last entry take those entries. */
export function lookedUp({ entries, firstValue }: LookupTable, value: number): number {
  return entries[Math.min(Math.max(Math.round(value) - firstValue, 0), entries.length - 1)] ?? 0;
}

/** Every pixel looked up. */
export function applyLookupTable(pixels: ArrayLike<number>, table: LookupTable): Uint16Array {
  return Uint16Array.from({ length: pixels.length }, (_, at) => lookedUp(table, pixels[at] ?? 0));
}
