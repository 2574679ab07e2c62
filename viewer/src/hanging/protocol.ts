/** Hanging protocols as data: for which studies, and what goes where. How they are applied stands in matching.ts. */
import * as v from 'valibot';
import { largestGrid } from '../viewport/layout';

const most = largestGrid.rows * largestGrid.columns;
const word = v.pipe(v.string(), v.minLength(1), v.maxLength(64));
const words = v.pipe(v.array(word), v.maxLength(20));
const count = v.pipe(v.number(), v.integer(), v.minValue(0), v.maxValue(100_000));

/** What a picture must be like. What is left out does not matter. */
const termsEntries = {
  modalities: v.exactOptional(words),
  bodyParts: v.exactOptional(words),
  laterality: v.exactOptional(v.picklist(['L', 'R'])),
  /** View Positions, the one that is wanted most first. */
  views: v.exactOptional(words),
  /** One of these stands in the description, word by word, without case and marks. */
  described: v.exactOptional(words),
  /** None of these stands in the description. */
  undescribed: v.exactOptional(words),
  atLeastImages: v.exactOptional(count),
};
const termsSchema = v.object(termsEntries);
export type Terms = v.InferOutput<typeof termsSchema>;

const cellSchema = v.object({
  ...termsEntries,
  /** Of the study to compare with; without it of the one that is read. */
  isPrior: v.exactOptional(v.literal(true)),
  /** Of those that fit, the one at this place, from 0. */
  place: v.exactOptional(count),
});
export type CellRule = v.InferOutput<typeof cellSchema>;

const side = (largest: number) => v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(largest));

const stageSchema = v.object({
  rows: side(largestGrid.rows),
  columns: side(largestGrid.columns),
  /** In reading order; null stays empty. */
  cells: v.pipe(v.array(v.nullable(cellSchema)), v.maxLength(most)),
  /** Cells for which something must be found, or else the stage is left out; all of them if this is. */
  needs: v.exactOptional(count),
  /** The grid is as small as what was found allows. */
  shrinks: v.exactOptional(v.literal(true)),
  /** Followed by stages for those that come next, as long as there are any. */
  repeats: v.exactOptional(v.literal(true)),
});
export type Stage = v.InferOutput<typeof stageSchema>;

const studySchema = v.object({
  modalities: v.exactOptional(words),
  bodyParts: v.exactOptional(words),
  lateralities: v.exactOptional(v.pipe(v.array(v.picklist(['L', 'R'])), v.maxLength(2))),
  /** One of its images is taken so. */
  views: v.exactOptional(words),
  described: v.exactOptional(words),
  atLeastSeries: v.exactOptional(count),
  atMostSeries: v.exactOptional(count),
  atLeastImages: v.exactOptional(count),
  atMostImages: v.exactOptional(count),
});
export type StudyRule = v.InferOutput<typeof studySchema>;

const protocolEntries = {
  studies: studySchema,
  /** What a cell shows: a whole series, or one image of it. */
  unit: v.picklist(['series', 'image']),
  stages: v.pipe(v.array(stageSchema), v.minLength(1), v.maxLength(20)),
};

/** A reader's own protocol, as the server keeps it. */
export const ownProtocolSchema = v.object({
  name: v.pipe(v.string(), v.trim(), v.minLength(1), v.maxLength(80)),
  ...protocolEntries,
});
export type OwnProtocol = v.InferOutput<typeof ownProtocolSchema>;

export interface Protocol extends Omit<OwnProtocol, 'name'> {
  readonly id: string;
  /** What its reader calls it; ours are called by their id, below `hanging.protocols.`. */
  readonly name?: string;
}
