/** Which protocol fits a study, and what it hangs where. Pure: from what is known of studies to a layout. */
import { type Content, instanceOf, type Layout, largestGrid } from '../viewport/layout';
import { words } from './bodyPart';
import type { Candidate } from './candidates';
import type { CellRule, Protocol, Stage, StudyRule, Terms } from './protocol';

/** A stage with what was found for it; `found` has one entry for each cell of the grid. */
export interface HungStage {
  readonly rows: number;
  readonly columns: number;
  readonly found: readonly (Content | undefined)[];
}

function isDescribed(candidate: Candidate, phrases: readonly string[]): boolean {
  const description = ` ${candidate.words.join(' ')} `;
  return phrases.some((phrase) => description.includes(` ${words(phrase).join(' ')} `));
}

function fits(candidate: Candidate, { modalities, bodyParts, laterality, views, ...terms }: Terms): boolean {
  return (
    (!modalities || modalities.includes(candidate.modality)) &&
    (!bodyParts || (candidate.bodyPart !== undefined && bodyParts.includes(candidate.bodyPart))) &&
    (!laterality || candidate.laterality === laterality) &&
    (!views || (candidate.view !== undefined && views.includes(candidate.view))) &&
    (!terms.described || isDescribed(candidate, terms.described)) &&
    (!terms.undescribed || !isDescribed(candidate, terms.undescribed)) &&
    // How many there are may not be known; then it is not held against it.
    (candidate.images ?? Number.MAX_SAFE_INTEGER) >= (terms.atLeastImages ?? 0)
  );
}

/** Those that fit, the wanted views first. */
function matches(candidates: readonly Candidate[], rule: CellRule): Candidate[] {
  const found = candidates.filter(
    (candidate) => candidate.isPrior === (rule.isPrior ?? false) && fits(candidate, rule),
  );
  const { views } = rule;
  return views ? found.sort((a, b) => views.indexOf(a.view ?? '') - views.indexOf(b.view ?? '')) : found;
}

function hangOnce(stage: Stage, candidates: readonly Candidate[], page: number): (Content | undefined)[] {
  return stage.cells
    .map((rule) => rule && matches(candidates, rule)[(rule.place ?? 0) + page * stage.cells.length])
    .map((candidate) => candidate?.content);
}

/** The smallest grid for so many within a grid, wider rather than higher. */
function smallest(count: number, rows: number, columns: number): readonly [rows: number, columns: number] {
  const width = Math.min(columns, Math.ceil(Math.sqrt(count) - 0.001) * (rows === 1 ? columns : 1));
  const needed = Math.min(width, count);
  return [Math.min(rows, Math.ceil(count / needed)), needed];
}

function shrunk(stage: Stage, contents: readonly (Content | undefined)[]): HungStage {
  const found = contents.filter((content) => content !== undefined);
  const [rows, columns] = smallest(Math.max(found.length, 1), stage.rows, stage.columns);
  return { rows, columns, found };
}

function hangStage(stage: Stage, candidates: readonly Candidate[]): HungStage[] {
  const needs = stage.needs ?? stage.cells.filter((cell) => cell !== null).length;
  const wantsPrior = stage.cells.map((rule) => rule?.isPrior === true);
  const hung: HungStage[] = [];
  for (let page = 0; page === 0 || stage.repeats; page += 1) {
    const contents = hangOnce(stage, candidates, page);
    const count = contents.filter((content) => content !== undefined).length;
    // A comparison without its other half is none.
    const isComparison =
      !wantsPrior.includes(true) ||
      [true, false].every((half) => contents.some((content, at) => content && wantsPrior[at] === half));
    if (count < Math.max(needs, 1) || !isComparison) {
      break;
    }
    hung.push(stage.shrinks ? shrunk(stage, contents) : { rows: stage.rows, columns: stage.columns, found: contents });
  }
  return hung;
}

function isSameStage(a: HungStage, b: HungStage): boolean {
  return (
    a.rows === b.rows &&
    a.columns === b.columns &&
    a.found.every((content, at) => {
      const other = b.found[at];
      return content?.series === other?.series && instanceOf(content) === instanceOf(other);
    })
  );
}

/** The stages of a protocol that something was found for. One that is as the one before says nothing new. */
export function hang(protocol: Protocol, candidates: readonly Candidate[]): HungStage[] {
  const stages = protocol.stages.flatMap((stage) => hangStage(stage, candidates));
  return stages.filter((stage, at) => !stages.slice(0, at).some((earlier) => isSameStage(earlier, stage)));
}

/** A stage as the page has it: its cells stay as they were hung, and the first with something in it is active. */
export function layoutOf({ rows, columns, found }: HungStage): Layout {
  const cells = Array.from({ length: rows * columns }, (_, cell) => found[cell]);
  return {
    rows: Math.min(rows, largestGrid.rows),
    columns: Math.min(columns, largestGrid.columns),
    cells,
    active: Math.max(
      0,
      cells.findIndex((content) => content !== undefined),
    ),
    isOneUp: false,
    keepsEmpty: true,
  };
}

/** By how many of its conditions a protocol means a study; undefined if one of them does not hold. */
export function specificity(
  rule: StudyRule,
  description: string | undefined,
  candidates: readonly Candidate[],
): number | undefined {
  const own = candidates.filter(({ isPrior }) => !isPrior);
  const series = new Set(own.map(({ content }) => content.series)).size;
  const some = (wanted: readonly string[] | undefined, of: (candidate: Candidate) => string | undefined) =>
    wanted?.some((value) => own.some((candidate) => of(candidate) === value));
  const all = [...words(description), ...own.flatMap((candidate) => candidate.words)];
  const within = (value: number, least: number | undefined, most: number | undefined) =>
    least === undefined && most === undefined
      ? undefined
      : value >= (least ?? 0) && value <= (most ?? Number.MAX_SAFE_INTEGER);
  const conditions = [
    some(rule.modalities, ({ modality }) => modality),
    some(rule.bodyParts, ({ bodyPart }) => bodyPart),
    some(rule.lateralities, ({ laterality }) => laterality),
    some(rule.views, ({ view }) => view),
    rule.described?.some((phrase) => ` ${all.join(' ')} `.includes(` ${words(phrase).join(' ')} `)),
    within(series, rule.atLeastSeries, rule.atMostSeries),
    within(own.length, rule.atLeastImages, rule.atMostImages),
  ].filter((condition) => condition !== undefined);
  return conditions.every((condition) => condition) ? conditions.length : undefined;
}

/** Those that mean a study, the best first: a reader's own before ours, the more special before the more general. */
export function fitting(
  protocols: readonly Protocol[],
  description: string | undefined,
  candidatesFor: (unit: Protocol['unit']) => readonly Candidate[],
): Protocol[] {
  const ranked = protocols.flatMap((protocol) => {
    const rank = specificity(protocol.studies, description, candidatesFor(protocol.unit));
    return rank === undefined ? [] : [{ protocol, rank: rank + (protocol.name === undefined ? 0 : 100) }];
  });
  return ranked.sort((a, b) => b.rank - a.rank).map(({ protocol }) => protocol);
}
