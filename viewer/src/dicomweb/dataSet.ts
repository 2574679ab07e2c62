/**
 * Reading of the DICOM JSON Model (PS3.18 Annex F). What a server sent is checked here once; afterwards every accessor
 * answers with the type it names, or nothing. It never throws on an odd attribute: bad optional data is absent data.
 */

/** One attribute of the DICOM JSON Model. */
export interface DicomElement {
  readonly vr: string;
  readonly Value?: readonly unknown[];
  readonly BulkDataURI?: string;
  readonly InlineBinary?: string;
}

/** Attributes by tag: eight upper-case hexadecimal digits. */
export type DataSet = Readonly<Record<string, DicomElement>>;

const tagPattern = /^[0-9A-Fa-f]{8}$/;

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function parseElement(value: unknown): DicomElement | undefined {
  if (!isObject(value)) {
    return undefined;
  }
  const { Value, BulkDataURI, InlineBinary } = value;
  return {
    vr: typeof value.vr === 'string' ? value.vr : 'UN',
    ...(Array.isArray(Value) ? { Value } : {}),
    ...(typeof BulkDataURI === 'string' ? { BulkDataURI } : {}),
    ...(typeof InlineBinary === 'string' ? { InlineBinary } : {}),
  };
}

/** Takes one object of the DICOM JSON Model, dropping members that are not attributes. */
export function parseDataSet(value: unknown): DataSet {
  const dataSet: Record<string, DicomElement> = {};
  if (isObject(value)) {
    for (const [tag, member] of Object.entries(value)) {
      const element = tagPattern.test(tag) ? parseElement(member) : undefined;
      if (element) {
        dataSet[tag.toUpperCase()] = element;
      }
    }
  }
  return dataSet;
}

/** Takes the array that search and metadata transactions answer with. */
export function parseDataSets(value: unknown): DataSet[] {
  return Array.isArray(value) ? value.map(parseDataSet) : [];
}

/** The values of an attribute as text. */
export function texts(dataSet: DataSet, tag: string): string[] {
  const values = dataSet[tag]?.Value ?? [];
  return values.flatMap((value) => {
    if (typeof value === 'string') {
      return [value.trim()];
    }
    return typeof value === 'number' ? [String(value)] : [];
  });
}

/** The first value as text, if it is not empty. */
export function text(dataSet: DataSet, tag: string): string | undefined {
  return texts(dataSet, tag)[0] || undefined;
}

function asNumber(value: unknown): number | undefined {
  const number = typeof value === 'string' && value.trim() !== '' ? Number(value) : value;
  return typeof number === 'number' && Number.isFinite(number) ? number : undefined;
}

/** The values as numbers; DS and IS may come as numbers or as text (PS3.18 F.2.3). */
export function numbers(dataSet: DataSet, tag: string): number[] {
  return (dataSet[tag]?.Value ?? []).flatMap((value) => asNumber(value) ?? []);
}

/** One of several values as a number, for attributes whose values go in pairs: empty ones keep their places. */
export function numberAt(dataSet: DataSet, tag: string, place: number): number | undefined {
  return asNumber(dataSet[tag]?.Value?.[place]);
}

/** One of several values as text, if it is not empty. */
export function textAt(dataSet: DataSet, tag: string, place: number): string | undefined {
  const value = dataSet[tag]?.Value?.[place];
  return typeof value === 'string' ? value.trim() || undefined : undefined;
}

/** The first value as a number. */
export function number(dataSet: DataSet, tag: string): number | undefined {
  return numbers(dataSet, tag)[0];
}

/** The bytes of a value that came in the data set; undefined if there are none. */
export function inlineBytes(dataSet: DataSet, tag: string): Uint8Array | undefined {
  const base64 = dataSet[tag]?.InlineBinary;
  try {
    return base64 === undefined ? undefined : Uint8Array.from(atob(base64), (character) => character.charCodeAt(0));
  } catch {
    return undefined;
  }
}

/** The items of a sequence. */
export function items(dataSet: DataSet, tag: string): DataSet[] {
  return (dataSet[tag]?.Value ?? []).map(parseDataSet);
}

/** The first item of a sequence. */
export function item(dataSet: DataSet, tag: string): DataSet | undefined {
  const first = dataSet[tag]?.Value?.[0];
  return first === undefined ? undefined : parseDataSet(first);
}

/** A person name for reading: components in the order of the file, carets as spaces (PS3.5 section 6.2.1, Person Name). */
export function personName(dataSet: DataSet, tag: string): string | undefined {
  const value = dataSet[tag]?.Value?.[0];
  if (typeof value === 'string') {
    return readableGroups(value.split('=').slice(0, 1));
  }
  return isObject(value) ? readableGroups([value.Alphabetic, value.Ideographic, value.Phonetic]) : undefined;
}

/** The same of a name as it stands in a file, with `=` between its groups. */
export function readablePersonName(name: string): string | undefined {
  return readableGroups(name.split('='));
}

function readableGroups(groups: readonly unknown[]): string | undefined {
  const names = groups.flatMap((group) => (typeof group === 'string' ? [readableName(group) ?? ''] : []));
  const [first, second] = names.filter((name) => name !== '');
  return first !== undefined && second !== undefined && second !== first ? `${first} (${second})` : first;
}

function readableName(group: string): string | undefined {
  return group.replace(/\^/g, ' ').replace(/\s+/g, ' ').trim() || undefined;
}
