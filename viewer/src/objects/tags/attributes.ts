/** The attributes of a data set as rows to be read: from the Native DICOM Model (PS3.19 A.1), sequences with what is in them. */

/** An attribute, or an item of a sequence. */
export interface AttributeRow {
  /** Its place in the data set: the same for the same data set. */
  readonly id: string;
  /** The row that it is within. */
  readonly parent: AttributeRow | undefined;
  readonly depth: number;
  /** Of an item its number in the sequence, from 1. */
  readonly item: number | undefined;
  /** As it is written: (0010,0010). */
  readonly tag: string;
  /** Of the standard's attributes (PS3.6 section 6); undefined for private ones, and for those that nobody knows. */
  readonly keyword: string | undefined;
  readonly name: string | undefined;
  readonly privateCreator: string | undefined;
  readonly vr: string;
  /** All values, with backslashes between them as in a file. */
  readonly value: string;
  /** How many items a sequence has. */
  readonly items: number | undefined;
  /** How a value is kept that is not text. */
  readonly kept: 'inline' | 'apart' | undefined;
}

export interface Attributes {
  readonly rows: readonly AttributeRow[];
  /** Whether there is more than the bounds let in. */
  readonly isCut: boolean;
}

/** Nothing honest is deeper, and no reader goes through more. */
const deepest = 32;
const mostRows = 100_000;

const nameGroups = ['Alphabetic', 'Ideographic', 'Phonetic'];
const nameComponents = ['FamilyName', 'GivenName', 'MiddleName', 'NamePrefix', 'NameSuffix'];

/** A keyword as words: the standard makes keywords of names by taking the spaces out (PS3.6 section 5, Conventions). */
export function nameOfKeyword(keyword: string): string {
  // KVP, CTDIvol: one word.
  return /^[A-Z0-9]{2,}[a-z]*$/.test(keyword)
    ? keyword
    : keyword.replace(/([a-z0-9])([A-Z])/g, '$1 $2').replace(/([A-Z])([A-Z][a-z])/g, '$1 $2');
}

function childrenOf(element: Element, name: string): Element[] {
  return [...element.children].filter((child) => child.localName === name);
}

function textOf(element: Element | undefined, name: string): string {
  return (element && childrenOf(element, name)[0]?.textContent) ?? '';
}

function personName(element: Element): string {
  const groups = nameGroups.map((group) => {
    const [found] = childrenOf(element, group);
    return nameComponents
      .map((component) => textOf(found, component))
      .join('^')
      .replace(/\^+$/, '');
  });
  return groups.join('=').replace(/=+$/, '');
}

/** Values by their numbers; one that is not there is empty. */
function valuesOf(attribute: Element): string {
  const values: string[] = [];
  for (const child of attribute.children) {
    const place = Number(child.getAttribute('number')) - 1;
    if (place >= values.length && place < values.length + mostRows) {
      while (values.length < place) {
        values.push('');
      }
      values.push(child.localName === 'PersonName' ? personName(child) : (child.textContent ?? ''));
    }
  }
  return values.join('\\');
}

function sizeOfBase64(text: string): number {
  return Math.floor((text.trim().replace(/=+$/, '').length * 3) / 4);
}

/** What an attribute holds, apart from items. */
function contentOf(attribute: Element): Pick<AttributeRow, 'value' | 'kept'> {
  const [inline] = childrenOf(attribute, 'InlineBinary');
  if (inline) {
    return { kept: 'inline', value: String(sizeOfBase64(inline.textContent ?? '')) };
  }
  if (childrenOf(attribute, 'BulkData').length > 0) {
    return { kept: 'apart', value: '' };
  }
  return { kept: undefined, value: valuesOf(attribute) };
}

function writtenTag(tag: string, isOfBlock: boolean): string {
  // The block of a private attribute stands in the file alone; within it the attribute has these two digits.
  const element = isOfBlock ? `xx${tag.slice(6)}` : tag.slice(4);
  return `(${tag.slice(0, 4)},${element})`.toUpperCase().replace('XX', 'xx');
}

/** All rows of a data set in its order. */
export function attributesOf(model: Element): Attributes {
  const rows: AttributeRow[] = [];
  let isCut = false;
  const add = (row: AttributeRow): AttributeRow | undefined => {
    if (rows.length >= mostRows || row.depth > deepest) {
      isCut = true;
      return undefined;
    }
    rows.push(row);
    return row;
  };
  const read = (dataSet: Element, parent: AttributeRow | undefined) => {
    for (const [place, attribute] of childrenOf(dataSet, 'DicomAttribute').entries()) {
      const keyword = attribute.getAttribute('keyword') ?? undefined;
      const privateCreator = attribute.getAttribute('privateCreator') ?? undefined;
      const items = childrenOf(attribute, 'Item');
      const vr = attribute.getAttribute('vr') ?? 'UN';
      const depth = (parent?.depth ?? -1) + 1;
      const row = add({
        id: `${parent?.id ?? ''}/${place}`,
        parent,
        depth,
        item: undefined,
        tag: writtenTag(attribute.getAttribute('tag') ?? '', privateCreator !== undefined),
        keyword,
        name: keyword && nameOfKeyword(keyword),
        privateCreator,
        vr,
        items: vr === 'SQ' || items.length > 0 ? items.length : undefined,
        ...contentOf(attribute),
        ...(items.length > 0 ? { value: '' } : {}),
      });
      if (!row) {
        return;
      }
      for (const [at, item] of items.entries()) {
        const number = at + 1;
        const shared = { tag: '', keyword: undefined, name: undefined, privateCreator: undefined, vr: '', value: '' };
        const of = { ...shared, items: undefined, kept: undefined };
        const itemRow = add({ ...of, id: `${row.id}/${number}`, parent: row, depth: depth + 1, item: number });
        if (!itemRow) {
          return;
        }
        read(item, itemRow);
      }
    }
  };
  read(model, undefined);
  return { rows, isCut };
}
