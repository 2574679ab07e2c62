/** Addresses of resources under /dicom-web (PS3.18 section 10, Studies Service and Resources). */
import type { SeriesInstanceUid, SopInstanceUid, StudyInstanceUid } from './uid';

const root = '/dicom-web';

export function studiesUrl(parameters: URLSearchParams): string {
  return `${root}/studies?${parameters}`;
}

export function studyUrl(study: StudyInstanceUid): string {
  return `${root}/studies/${study}`;
}

export function seriesListUrl(study: StudyInstanceUid): string {
  return `${root}/studies/${study}/series?includefield=all&limit=1000`;
}

/** Series of whatever studies. */
export function allSeriesUrl(parameters: URLSearchParams): string {
  return `${root}/series?${parameters}`;
}

export function seriesUrl(study: StudyInstanceUid, series: SeriesInstanceUid): string {
  return `${root}/studies/${study}/series/${series}`;
}

export function metadataUrl(study: StudyInstanceUid, series: SeriesInstanceUid): string {
  return `${seriesUrl(study, series)}/metadata`;
}

export function thumbnailUrl(study: StudyInstanceUid, series: SeriesInstanceUid): string {
  return `${seriesUrl(study, series)}/thumbnail`;
}

export function instanceUrl(study: StudyInstanceUid, series: SeriesInstanceUid, instance: SopInstanceUid): string {
  return `${seriesUrl(study, series)}/instances/${instance}`;
}

/** What the server shows of an instance as a whole: of one that is no picture, the document or the stream that it holds. */
export function renderedUrl(study: StudyInstanceUid, series: SeriesInstanceUid, instance: SopInstanceUid): string {
  return `${instanceUrl(study, series, instance)}/rendered`;
}

/** The pixels of one frame. */
export function frameUrl(
  study: StudyInstanceUid,
  series: SeriesInstanceUid,
  instance: SopInstanceUid,
  frameNumber: number,
): string {
  return `${instanceUrl(study, series, instance)}/frames/${frameNumber}`;
}

/** A server-rendered picture of one frame, at most `size` pixels wide and high. */
export function renderedFrameUrl(
  study: StudyInstanceUid,
  series: SeriesInstanceUid,
  instance: SopInstanceUid,
  frameNumber: number,
  size: number,
): string {
  return `${instanceUrl(study, series, instance)}/frames/${frameNumber}/rendered?viewport=${size},${size}`;
}
