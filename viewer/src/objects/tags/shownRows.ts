/** Which rows of a data set are in sight: what is searched for with the way to it, or else what is not folded away. */
import type { AttributeRow } from './attributes';

/** Letters without their marks and in one case: what people type and what devices write meet there. */
export function folded(text: string): string {
  return text.normalize('NFD').replace(/\p{M}/gu, '').replace(/[đĐ]/g, 'd').toLowerCase();
}

/** What a row can be found by; a tag also as it is typed. */
function searchable({ tag, name, keyword, privateCreator, value }: AttributeRow): string {
  return folded([tag, tag.replace(/\W/g, ''), name, keyword, privateCreator, value].join('\n'));
}

const searchableRows = new WeakMap<AttributeRow, string>();

function isFound(row: AttributeRow, words: readonly string[]): boolean {
  let text = searchableRows.get(row);
  if (text === undefined) {
    text = searchable(row);
    searchableRows.set(row, text);
  }
  return words.every((word) => text.includes(word));
}

/** Sequences of more items than this are folded until they are opened. */
const mostOpenItems = 4;

/** Whether what is in a row is in sight: as it is by itself, or the other way for those that were turned. */
export function isOpen(row: AttributeRow, turned: ReadonlySet<string>): boolean {
  return (row.items === undefined || row.items <= mostOpenItems) !== turned.has(row.id);
}

export interface ShownRows {
  readonly rows: readonly AttributeRow[];
  /** How many were found; undefined if nothing is searched for. */
  readonly found: number | undefined;
}

/** `words`: all must be in a row, in whatever order. */
export function shownRows(rows: readonly AttributeRow[], query: string, turned: ReadonlySet<string>): ShownRows {
  const words = folded(query)
    .split(/\s+/)
    .filter((word) => word !== '');
  if (words.length === 0) {
    const hidden = new Set<AttributeRow>();
    const inSight = rows.filter((row) => {
      const isHidden = row.parent !== undefined && (hidden.has(row.parent) || !isOpen(row.parent, turned));
      if (isHidden) {
        hidden.add(row);
      }
      return !isHidden;
    });
    return { rows: inSight, found: undefined };
  }
  const kept = new Set<AttributeRow>();
  let found = 0;
  for (const row of rows) {
    if (row.item === undefined && isFound(row, words)) {
      found += 1;
      for (let at: AttributeRow | undefined = row; at && !kept.has(at); at = at.parent) {
        kept.add(at);
      }
    }
  }
  return { rows: rows.filter((row) => kept.has(row)), found };
}
