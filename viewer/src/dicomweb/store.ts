/** Storing of instances that are metadata alone (STOW-RS, PS3.18 section 10.5, Store Transaction). */
import { RequestError, request } from '../server/request';
import { type DataSet, items, number, parseDataSet } from './dataSet';
import type { StudyInstanceUid } from './uid';
import { studyUrl } from './urls';

const failedSopSequence = '00081198';
const failureReason = '00081197';

/** Stores all of them in the study; rejects if the archive refused any. */
export async function storeInstances(
  study: StudyInstanceUid,
  instances: readonly DataSet[],
  signal: AbortSignal,
): Promise<void> {
  const type = 'application/dicom+json';
  const response = await request(studyUrl(study), {
    signal,
    method: 'POST',
    headers: { 'Content-Type': type, Accept: type },
    body: instances,
  });
  // An answer of 202 says that some were stored (table 10.5.3-1).
  const body: unknown = await response.json();
  const [failed] = items(parseDataSet(Array.isArray(body) ? body[0] : body), failedSopSequence);
  if (failed) {
    throw new RequestError(response.status, `failure reason ${number(failed, failureReason) ?? 'unknown'}`);
  }
}
