/** The vertebrae from top to bottom, and which one is named next. */

const vertebrae: readonly string[] = [
  ...Array.from({ length: 7 }, (_, at) => `C${at + 1}`),
  ...Array.from({ length: 12 }, (_, at) => `T${at + 1}`),
  ...Array.from({ length: 5 }, (_, at) => `L${at + 1}`),
  'S1',
];

/** After those that were named so far: on in the direction of the last two, downwards from a single one. */
export function nextVertebra(named: readonly string[]): string | undefined {
  const places = named.map((name) => vertebrae.indexOf(name.trim().toUpperCase())).filter((place) => place >= 0);
  const [last, before] = [places.at(-1), places.at(-2)];
  if (last === undefined) {
    return undefined;
  }
  return vertebrae[before !== undefined && before > last ? last - 1 : last + 1];
}
