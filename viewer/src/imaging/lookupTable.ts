/** Modality and VOI lookup tables (PS3.3 C.11.1 and C.11.2): table in, values out. */

export interface LookupTable {
  readonly firstValue: number;
  readonly entries: Uint16Array;
  readonly bits: number;
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
  const entries = values instanceof Uint8Array ? words(values, count) : Uint16Array.from(values);
  return entries.length > 0 ? { firstValue: first, entries: entries.subarray(0, count), bits } : undefined;
}

/** Entries from little-endian bytes: two each, or one each where 8 bit entries are packed. */
function words(bytes: Uint8Array, count: number): Uint16Array {
  if (bytes.length < count * 2) {
    return Uint16Array.from(bytes);
  }
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  return Uint16Array.from({ length: count }, (_, index) => view.getUint16(index * 2, true));
}

/** Every pixel looked up; values before the first and after the last entry take those entries. */
export function applyLookupTable(pixels: ArrayLike<number>, table: LookupTable): Uint16Array {
  const result = new Uint16Array(pixels.length);
  const last = table.entries.length - 1;
  for (let at = 0; at < pixels.length; at += 1) {
    const index = Math.min(Math.max(Math.round(pixels[at] ?? 0) - table.firstValue, 0), last);
    result[at] = table.entries[index] ?? 0;
  }
  return result;
}

/** The range of values a table can give. */
export function outputRange(table: LookupTable): { readonly lower: number; readonly upper: number } {
  const lower = 0;
  let upper = 2 ** Math.min(Math.max(table.bits, 1), 16) - 1;
  for (const entry of table.entries) {
    upper = Math.max(upper, entry);
  }
  return { lower, upper };
}
