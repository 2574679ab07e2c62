/** Requests to /dicom-web. Every one takes an AbortSignal; what comes back is checked by the caller's parser. */
import { request } from '../server/request';
import { type DataSet, parseDataSets } from './dataSet';

/** Fetches DICOM JSON; an empty answer (204) is no data sets. */
export async function fetchDataSets(url: string, signal: AbortSignal): Promise<DataSet[]> {
  const response = await request(url, { signal, headers: { Accept: 'application/dicom+json' } });
  if (response.status === 204) {
    return [];
  }
  return parseDataSets(await response.json());
}
