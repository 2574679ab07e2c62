/** Which of the studies of another archive are in ours already, and with how many images. */
import { useQuery } from '@tanstack/react-query';
import { type Study, searchStudies } from '../dicomweb/studies';
import type { StudyInstanceUid } from '../dicomweb/uid';

/** So many UIDs one address has room for. */
const atOnce = 20;

async function searchHere(uids: readonly StudyInstanceUid[], signal: AbortSignal) {
  const here = new Map<StudyInstanceUid, number | undefined>();
  for (let start = 0; start < uids.length; start += atOnce) {
    const some = uids.slice(start, start + atOnce);
    const keys = new URLSearchParams({ StudyInstanceUID: some.join(',') });
    for (const study of await searchStudies(keys, { offset: 0, limit: atOnce }, signal)) {
      here.set(study.studyInstanceUid, study.instanceCount);
    }
  }
  return here;
}

/** The numbers of images by study; a study that is not here is absent. */
export function useHere(studies: readonly Study[]): ReadonlyMap<StudyInstanceUid, number | undefined> {
  const uids = studies.map(({ studyInstanceUid }) => studyInstanceUid);
  const query = useQuery({
    queryKey: ['remote', 'here', uids],
    queryFn: ({ signal }) => searchHere(uids, signal),
    staleTime: 0,
  });
  return query.data ?? new Map();
}
