/** Series of a study (QIDO-RS) and the metadata of their instances (WADO-RS). */
import { isImageModality } from '../imaging/imageModality';
import { type DataSet, number, text } from './dataSet';
import { fetchDataSets } from './fetch';
import { Tag } from './tags';
import { type SeriesInstanceUid, type StudyInstanceUid, seriesInstanceUid } from './uid';
import { metadataUrl, seriesListUrl } from './urls';

/** One series as the panel shows it. */
export interface Series {
  readonly seriesInstanceUid: SeriesInstanceUid;
  readonly seriesNumber: number | undefined;
  readonly modality: string;
  readonly description: string | undefined;
  readonly bodyPart: string | undefined;
  readonly instanceCount: number | undefined;
}

/** Reads a series; undefined if the answer names none. */
export function parseSeries(dataSet: DataSet): Series | undefined {
  const uid = seriesInstanceUid(text(dataSet, Tag.SeriesInstanceUid));
  if (!uid) {
    return undefined;
  }
  return {
    seriesInstanceUid: uid,
    seriesNumber: number(dataSet, Tag.SeriesNumber),
    modality: text(dataSet, Tag.Modality) ?? 'OT',
    description: text(dataSet, Tag.SeriesDescription),
    bodyPart: text(dataSet, Tag.BodyPartExamined),
    instanceCount: number(dataSet, Tag.NumberOfSeriesRelatedInstances),
  };
}

/** What the metadata of a series said when they were read. */
export interface CountedSeries {
  readonly instances: number;
  /** Frames of all instances that are pictures. */
  readonly images: number;
}

/**
 * How many images a series has, as far as that is known without asking: its instances, or their frames once the metadata
 * of just as many instances were read. Undefined if there are none to count.
 */
export function imageCount({ instanceCount }: Series, counted: CountedSeries | undefined): number | undefined {
  const isCounted = counted && (instanceCount === undefined || instanceCount === counted.instances);
  return isCounted ? counted.images || undefined : instanceCount;
}

/** Series with pictures first, then by number, then by UID so that the order never changes. */
export function compareSeries(a: Series, b: Series): number {
  const pictures = Number(isImageModality(b.modality)) - Number(isImageModality(a.modality));
  const byNumber = (a.seriesNumber ?? Number.MAX_SAFE_INTEGER) - (b.seriesNumber ?? Number.MAX_SAFE_INTEGER);
  return pictures || byNumber || (a.seriesInstanceUid < b.seriesInstanceUid ? -1 : 1);
}

/** The series of a study in display order. */
export async function fetchSeriesList(study: StudyInstanceUid, signal: AbortSignal): Promise<Series[]> {
  const dataSets = await fetchDataSets(seriesListUrl(study), signal);
  return dataSets.flatMap((dataSet) => parseSeries(dataSet) ?? []).sort(compareSeries);
}

/** The metadata of every instance of a series. */
export function fetchMetadata(
  study: StudyInstanceUid,
  series: SeriesInstanceUid,
  signal: AbortSignal,
): Promise<DataSet[]> {
  return fetchDataSets(metadataUrl(study, series), signal);
}
