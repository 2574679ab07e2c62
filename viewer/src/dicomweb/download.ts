/** Downloading an instance as a DICOM file (PS3.10), as it was sent. */
import { request } from '../server/request';
import { firstPart } from './multipart';
import type { SeriesInstanceUid, SopInstanceUid, StudyInstanceUid } from './uid';
import { instanceUrl } from './urls';

/** Fetches an instance and hands it to the browser's download. */
export async function downloadInstance(
  study: StudyInstanceUid,
  series: SeriesInstanceUid,
  instance: SopInstanceUid,
  signal: AbortSignal,
): Promise<void> {
  const response = await request(instanceUrl(study, series, instance), {
    signal,
    headers: {
      Accept: 'application/dicom; transfer-syntax=*, multipart/related; type="application/dicom"; transfer-syntax=*',
    },
  });
  const body = new Uint8Array(await response.arrayBuffer());
  const file = firstPart(response.headers.get('Content-Type') ?? '', body);
  const url = URL.createObjectURL(new Blob([file as Uint8Array<ArrayBuffer>], { type: 'application/dicom' }));
  const link = document.createElement('a');
  link.href = url;
  link.download = `${instance}.dcm`;
  link.click();
  URL.revokeObjectURL(url);
}
