/** Which images are printed, as data. */

export const selections = ['viewport', 'visible', 'key', 'every', 'range'] as const;
export type Selection = (typeof selections)[number];

/** Numbers of images as readers count them, from 1. */
export interface Chosen {
  readonly selection: Selection;
  readonly step: number;
  readonly from: number;
  readonly to: number;
}

/** The indices of a series of `count` images that a choice among them means; key images are those of readers. */
export function chosenIndices({ selection, step, from, to }: Chosen, index: number, count: number): number[] {
  if (selection === 'viewport' || selection === 'visible') {
    return [index];
  }
  const [first, last] = selection === 'range' ? [Math.max(1, from), Math.min(to, count)] : [1, count];
  const stride = selection === 'every' ? Math.max(1, Math.round(step)) : 1;
  const indices: number[] = [];
  for (let number = first; number <= last; number += stride) {
    indices.push(number - 1);
  }
  return indices;
}

/** The step by which a series of `count` images is spread over so many pictures. */
export function stepFor(count: number, pictures: number): number {
  return Math.max(1, Math.ceil(count / pictures));
}
