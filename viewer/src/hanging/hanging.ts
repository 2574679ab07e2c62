/** How the page is hung at the moment, and what can be done about it. */
import { activeContent, type Content, instanceOf, type Layout } from '../viewport/layout';
import type { Reading } from '../viewport/readingState';
import type { Candidate } from './candidates';
import { type HungStage, hang, layoutOf } from './matching';
import type { Protocol } from './protocol';

export interface Hanging {
  /** Of the study and of the one to compare with. */
  readonly candidates: Readonly<Record<Protocol['unit'], readonly Candidate[]>>;
  /** Those that mean the study, the best first. */
  readonly protocols: readonly Protocol[];
  /** The protocol by which the page was hung, and how far it was leafed through. */
  readonly chosen: { readonly protocol: Protocol; readonly stage: number } | undefined;
  /** Whether it is known which earlier studies there are. */
  readonly knowsPriors: boolean;
}

export const nothingToHang: Hanging = {
  candidates: { series: [], image: [] },
  protocols: [],
  chosen: undefined,
  knowsPriors: false,
};

export function stagesOf({ candidates }: Hanging, protocol: Protocol): HungStage[] {
  return hang(protocol, candidates[protocol.unit]);
}

/** Hangs a stage of a protocol; false if nothing was found for it. */
export function hangBy(reading: Reading, protocol: Protocol, stage = 0): boolean {
  const { hanging } = reading.store.getState();
  const hung = stagesOf(hanging, protocol)[stage];
  if (!hung) {
    return false;
  }
  reading.store.setState({ hanging: { ...hanging, chosen: { protocol, stage } }, volume: undefined });
  reading.arrange(() => layoutOf(hung));
  return true;
}

/** The stage after the present one, or before it; those of the best protocol if none was chosen. */
export function stepStage(reading: Reading, step: 1 | -1): void {
  const { chosen, protocols } = reading.store.getState().hanging;
  const protocol = chosen?.protocol ?? protocols[0];
  if (protocol) {
    hangBy(reading, protocol, chosen ? chosen.stage + step : 0);
  }
}

function candidateOf(hanging: Hanging, content: Content | undefined): Candidate | undefined {
  const { series, image } = hanging.candidates;
  return [...image, ...series].find(
    ({ content: other }) => other.series === content?.series && instanceOf(other) === instanceOf(content),
  );
}

/** How much one picture is like another: by what it shows first, then by what it is called. */
function likeness(a: Candidate, b: Candidate): number {
  const same = (one: unknown, other: unknown) => Number(one !== undefined && one === other);
  const shared = a.words.filter((word) => b.words.includes(word)).length;
  const all = new Set([...a.words, ...b.words]).size;
  return (
    8 * same(a.modality, b.modality) +
    4 * same(a.laterality, b.laterality) +
    4 * same(a.view, b.view) +
    2 * same(a.bodyPart, b.bodyPart) +
    (all === 0 ? 0 : shared / all)
  );
}

/** What of the earlier study is most like a picture of this one. */
function counterpart(hanging: Hanging, own: Candidate): Content | undefined {
  const unit = instanceOf(own.content) === undefined ? 'series' : 'image';
  const priors = hanging.candidates[unit].filter(({ isPrior }) => isPrior);
  const isLocalizer = ({ images }: Candidate) => (images ?? 0) < 5 && (own.images ?? 0) >= 5;
  const best = priors
    .map((candidate) => ({ candidate, rank: likeness(own, candidate) - (isLocalizer(candidate) ? 8 : 0) }))
    .sort((a, b) => b.rank - a.rank)[0];
  return best?.candidate.content;
}

/** Puts what is most like it of the nearest earlier study beside what the active viewport shows; false if there is none. */
export function comparePrior(reading: Reading): boolean {
  const { hanging, layout } = reading.store.getState();
  const { series, image } = hanging.candidates;
  const own = [candidateOf(hanging, activeContent(layout)), ...series, ...image].find(
    (candidate) => candidate && !candidate.isPrior,
  );
  const prior = own && counterpart(hanging, own);
  if (!own || !prior) {
    return false;
  }
  const beside: Layout = layoutOf({ rows: 1, columns: 2, found: [own.content, prior] });
  reading.store.setState({ hanging: { ...hanging, chosen: undefined }, volume: undefined });
  reading.arrange(() => beside);
  return true;
}

/** The present layout as a protocol for studies like this one. */
export function protocolOf(hanging: Hanging, layout: Layout): Omit<Protocol, 'id' | 'name'> | undefined {
  const cells = Array.from({ length: layout.rows * layout.columns }, (_, cell) =>
    candidateOf(hanging, layout.cells[cell]),
  );
  const own = cells.find((candidate) => candidate && !candidate.isPrior);
  if (!own) {
    return undefined;
  }
  const unit = cells.some((candidate) => instanceOf(candidate?.content) !== undefined) ? 'image' : 'series';
  const rules = cells.map((candidate) => {
    if (!candidate) {
      return null;
    }
    const { modality, laterality, view, words } = candidate;
    const terms = {
      modalities: [modality],
      ...(laterality ? { laterality } : {}),
      ...(view ? { views: [view] } : {}),
      ...(unit === 'series' && words.length > 0 ? { described: [words.join(' ').slice(0, 64).trim()] } : {}),
      ...(candidate.isPrior ? { isPrior: true as const } : {}),
    };
    return terms;
  });
  const placed = rules.map((rule, at) => {
    const isAlike = (other: typeof rule) => JSON.stringify(other) === JSON.stringify(rule);
    const place = rules.slice(0, at).filter(isAlike).length;
    return rule && place > 0 ? { ...rule, place } : rule;
  });
  return {
    studies: {
      modalities: [own.modality],
      ...(own.bodyPart === undefined ? {} : { bodyParts: [own.bodyPart.slice(0, 64)] }),
    },
    unit,
    stages: [{ rows: layout.rows, columns: layout.columns, cells: placed, needs: 1 }],
  };
}
