/** Key images as a Key Object Selection (PS3.3 A.35.4, PS3.16 TID 2010). */
import { type DataSet, item, text } from '../../dicomweb/dataSet';
import type { StudyInstanceUid } from '../../dicomweb/uid';
import { type KeyTitle, keyTitles } from '../keyTitles';
import type { ImageReference } from '../model';
import { type Code, Concept, codeItem, isCode, Term, titleCodes } from './codes';
import { codeContent, imageContent, personContent, readContent, referenceIn, templateOf } from './content';
import { element, sequence } from './elements';
import {
  type Authorship,
  authorIn,
  authorOf,
  hierarchy,
  instanceOf,
  manufacturer,
  type SeriesAddress,
} from './instance';
import { imageOf, keyObjectSelection, seriesInEvidence } from './readReport';
import { Tag } from './tags';

export interface KeyObjectDraft extends Authorship {
  readonly studyInstanceUid: StudyInstanceUid;
  readonly sopInstanceUid: string;
  readonly series: SeriesAddress;
  readonly instanceNumber: number;
  readonly images: readonly ImageReference[];
  readonly title: KeyTitle;
  /** Metadata of an image of the study. */
  readonly belonging: DataSet;
}

export function writeKeyObjects(draft: KeyObjectDraft): DataSet {
  const { images, studyInstanceUid } = draft;
  return {
    ...instanceOf(
      keyObjectSelection,
      draft.sopInstanceUid,
      draft.belonging,
      { ...draft.series, modality: 'KO', description: 'Key images' },
      draft,
    ),
    [Tag.InstanceNumber]: element('IS', draft.instanceNumber),
    [Tag.AuthorObserverSequence]: sequence(authorOf(draft)),
    [Tag.CurrentRequestedProcedureEvidenceSequence]: sequence(
      ...hierarchy(images.map((image) => ({ ...image, studyInstanceUid }))),
    ),
    [Tag.ValueType]: element('CS', 'CONTAINER'),
    [Tag.ConceptNameCodeSequence]: sequence(codeItem(titleCodes[draft.title])),
    [Tag.ContinuityOfContent]: element('CS', 'SEPARATE'),
    [Tag.ContentTemplateSequence]: templateOf('2010'),
    [Tag.ContentSequence]: sequence(
      codeContent('HAS OBS CONTEXT', Concept.observerType, Term.person),
      personContent('HAS OBS CONTEXT', Concept.personObserverName, draft.author),
      ...images.map((image) => imageContent('CONTAINS', image)),
    ),
  };
}

/** A selection as it is read. */
export interface ReadSelection {
  readonly sopInstanceUid: string;
  /** What it is for; of other systems as they say it. */
  readonly title: Code | undefined;
  readonly author: string | undefined;
  readonly seriesInstanceUid: string;
  readonly isOurs: boolean;
  /** DA and TM of the save that it belongs to. */
  readonly date: string;
  readonly time: string;
  readonly images: readonly ImageReference[];
}

/** Reads the metadata of an instance; undefined if it is no selection. */
export function readKeyObjects(dataSet: DataSet): ReadSelection | undefined {
  if (text(dataSet, Tag.SopClassUid) !== keyObjectSelection) {
    return undefined;
  }
  const series = seriesInEvidence(dataSet);
  const content = readContent(dataSet);
  return {
    sopInstanceUid: text(dataSet, Tag.SopInstanceUid) ?? '',
    title: content.concept,
    author: authorIn(item(dataSet, Tag.AuthorObserverSequence)),
    seriesInstanceUid: text(dataSet, Tag.SeriesInstanceUid) ?? '',
    isOurs: text(dataSet, Tag.Manufacturer) === manufacturer && item(dataSet, Tag.AuthorObserverSequence) !== undefined,
    date: text(dataSet, Tag.ContentDate) ?? '',
    time: text(dataSet, Tag.ContentTime) ?? '',
    images: content.children.flatMap((read) => {
      const reference = read.valueType === 'IMAGE' ? referenceIn(read) : undefined;
      return (reference && imageOf(reference, series)) ?? [];
    }),
  };
}

/** Which of the titles that readers choose from it has. */
export function titleOf({ title }: ReadSelection): KeyTitle | undefined {
  return keyTitles.find((candidate) => isCode(title, titleCodes[candidate]));
}
