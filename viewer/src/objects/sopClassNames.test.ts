import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { otherObjectKind } from '../imaging/objects';
import { sopClassesNamed, sopClassName } from './sopClassNames';

/** The classes of the collection, and whether its files of each have pixels. */
const [head = '', ...rows] = readFileSync('../testdata/INDEX.tsv', 'utf8').trim().split('\n');
const columns = head.split('\t');
const files = rows
  .map((row) => row.split('\t'))
  .map((row) => ({
    path: row[columns.indexOf('path')] ?? '',
    name: row[columns.indexOf('sop_class')] ?? '',
    hasPixels: Number(row[columns.indexOf('rows')]) > 0,
  }))
  .filter(({ path, name }) => path.startsWith('dicom/') && name !== '');

describe('every kind of object in the collection', () => {
  const kinds = [...new Set(files.map(({ name }) => name))];

  it('is a picture, or said to be what it is by the name of its class', () => {
    expect(kinds.length).toBeGreaterThan(30);
    const untold = files.filter(({ name, hasPixels }) => !hasPixels && sopClassesNamed(name).length === 0);
    expect(untold).toEqual([]);
  });

  it('without a picture is listed as an object, and its class is one object and no other', () => {
    // Endoscopy is a video by its transfer syntax, and images are pictures unless they came without.
    const objects = files.filter(({ name, hasPixels }) => !hasPixels || !/Image Storage|Photography/.test(name));
    const classes = objects.map((file) => ({ ...file, classes: sopClassesNamed(file.name) }));
    expect(classes.filter((file) => file.classes.length !== 1)).toEqual([]);
    const drawn = classes.filter(
      ({ classes: [sopClassUid = ''], hasPixels }) =>
        otherObjectKind({ sopClassUid, transferSyntaxUid: undefined, hasPixels }) === undefined,
    );
    expect(drawn).toEqual([]);
  });
});

it('a class that nobody named has no name', () => {
  expect(sopClassName('1.2.840.10008.5.1.4.1.1.481.5')).toBe('RT Plan Storage');
  expect(sopClassName('2.25.1')).toBeUndefined();
  expect(sopClassName('1.2.840.10008.5.1.4.1.1.toString')).toBeUndefined();
});
