/** What could be hung of a study: its series, or the images of these. */
import type { Series } from '../dicomweb/series';
import type { Study } from '../dicomweb/studies';
import type { Frame } from '../imaging/frames';
import { isImageModality } from '../imaging/imageModality';
import { type Content, stackOf } from '../viewport/layout';
import { bodyPart, words } from './bodyPart';

export interface Candidate {
  readonly content: Content;
  readonly isPrior: boolean;
  readonly modality: string;
  readonly bodyPart: string | undefined;
  readonly laterality: 'L' | 'R' | undefined;
  readonly view: string | undefined;
  /** Words of the description. */
  readonly words: readonly string[];
  readonly images: number | undefined;
}

/** A study with what is known of it. */
export interface HungStudy {
  readonly study: Study;
  readonly list: readonly Series[];
  /** The frames of each series in display order, where they were asked for. */
  readonly frames: ReadonlyMap<string, readonly Frame[]>;
}

/** Machines without View Position write it into the description. */
const viewsInWords: readonly (readonly [view: string, words: readonly string[]])[] = [
  ['MLO', ['mlo']],
  ['CC', ['cc']],
  ['ML', ['ml']],
  ['PA', ['pa']],
  ['AP', ['ap']],
  ['LL', ['lat', 'lateral', 'll', 'nghieng']],
  ['PA', ['thang', 'frontal']],
];

function viewIn(described: readonly string[]): string | undefined {
  return viewsInWords.find(([, known]) => known.some((word) => described.includes(word)))?.[0];
}

function sideIn(described: readonly string[]): 'L' | 'R' | undefined {
  const has = (...known: string[]) => known.some((word) => described.includes(word));
  return has('left', 'trai', 'lcc', 'lmlo') ? 'L' : has('right', 'phai', 'rcc', 'rmlo') ? 'R' : undefined;
}

function common({ study }: HungStudy, series: Series) {
  const described = words(series.description);
  return {
    modality: series.modality,
    bodyPart: bodyPart(
      series.bodyPart ?? (series.modality === 'MG' ? 'BREAST' : undefined),
      series.description,
      study.studyDescription,
    ),
    words: described,
    laterality: sideIn(described),
    view: viewIn(described),
  };
}

function pictures({ list }: HungStudy): Series[] {
  return list.filter(({ modality }) => isImageModality(modality));
}

/** Series, in the order of the list. */
export function ofSeries(hung: HungStudy, isPrior: boolean): Candidate[] {
  return pictures(hung).map((series) => ({
    ...common(hung, series),
    content: stackOf(hung.study.studyInstanceUid, series.seriesInstanceUid),
    isPrior,
    images: hung.frames.get(series.seriesInstanceUid)?.length ?? series.instanceCount,
  }));
}

/** Images, in the order of the list and in each series in display order. */
export function ofImages(hung: HungStudy, isPrior: boolean): Candidate[] {
  return pictures(hung).flatMap((series) => {
    const firsts = new Map<string, Frame>();
    for (const frame of hung.frames.get(series.seriesInstanceUid) ?? []) {
      firsts.set(frame.sopInstanceUid, firsts.get(frame.sopInstanceUid) ?? frame);
    }
    const known = common(hung, series);
    return [...firsts.values()].map((frame) => ({
      ...known,
      content: stackOf(hung.study.studyInstanceUid, series.seriesInstanceUid, frame.sopInstanceUid),
      isPrior,
      laterality: frame.projection.laterality ?? known.laterality,
      view: frame.projection.view ?? known.view,
      images: frame.numberOfFrames,
    }));
  });
}
