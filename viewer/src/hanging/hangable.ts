/** What could be hung: the study that is read, and the one of the patient's others that it is compared with. */
import { type QueryClient, queryOptions } from '@tanstack/react-query';
import type { StudyInstanceUid } from '../dicomweb/uid';
import type { Frame } from '../imaging/frames';
import { isImageModality } from '../imaging/imageModality';
import { seriesQuery } from '../viewport/useSeriesContent';
import { seriesListQuery, studyQuery } from '../viewport/useStudy';
import type { HungStudy } from './candidates';
import { fetchPriors, nearestPrior } from './priors';

/** Of these, images are hung one by one, so it has to be known which there are. */
const byImage = new Set(['MG', 'CR', 'DX', 'RG', 'US', 'XA', 'RF']);
/** Series whose images are asked for; a study of more is hung by series. */
const mostSeries = 24;

async function hungStudy(client: QueryClient, uid: StudyInstanceUid): Promise<HungStudy | undefined> {
  const [study, list] = await Promise.all([
    client.ensureQueryData(studyQuery(uid)),
    client.ensureQueryData(seriesListQuery(uid)),
  ]);
  if (!study) {
    return undefined;
  }
  const pictures = list.filter(({ modality }) => isImageModality(modality));
  const asked = pictures.length <= mostSeries ? pictures.filter(({ modality }) => byImage.has(modality)) : [];
  const frames = await Promise.all(
    asked.map(async ({ seriesInstanceUid: series }): Promise<[string, readonly Frame[]]> => {
      // A series that cannot be opened says so in its viewport; the others are hung.
      const loaded = await client.ensureQueryData(seriesQuery(uid, series)).catch(() => undefined);
      return [series, loaded?.content.frames ?? []];
    }),
  );
  return { study, list, frames: new Map(frames) };
}

export function ownQuery(uid: StudyInstanceUid) {
  return queryOptions({
    queryKey: ['hung', uid],
    queryFn: ({ client }) => hungStudy(client, uid).then((hung) => hung ?? null),
    structuralSharing: false,
  });
}

export function priorsQuery(uid: StudyInstanceUid) {
  return queryOptions({
    queryKey: ['priors', uid],
    queryFn: async ({ client, signal }) => {
      const [study, list] = await Promise.all([
        client.ensureQueryData(studyQuery(uid)),
        client.ensureQueryData(seriesListQuery(uid)),
      ]);
      const priors = study ? await fetchPriors(study, list, signal) : [];
      return { priors, nearest: study ? nearestPrior(study, list, priors) : undefined };
    },
  });
}

/** The study to compare with; null if there is none. */
export function priorQuery(uid: StudyInstanceUid) {
  return queryOptions({
    queryKey: ['prior', uid],
    queryFn: async ({ client }) => {
      const { nearest } = await client.ensureQueryData(priorsQuery(uid));
      return (nearest && (await hungStudy(client, nearest.study.studyInstanceUid))) ?? null;
    },
    structuralSharing: false,
  });
}
