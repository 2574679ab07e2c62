/** The data set of an instance in the Native DICOM Model (PS3.19 A.1): unlike JSON it names keywords and private creators. */
import { request } from '../server/request';
import { firstPart } from './multipart';
import type { InstanceAddress } from './uid';
import { instanceUrl } from './urls';

/** Takes a document; anything else is an error. */
export function parseNativeModel(text: string): Element {
  const { documentElement } = new DOMParser().parseFromString(text, 'application/xml');
  if (documentElement?.localName !== 'NativeDicomModel') {
    throw new Error('the answer is no Native DICOM Model');
  }
  return documentElement;
}

export async function fetchNativeModel(
  { study, series, instance }: InstanceAddress,
  signal: AbortSignal,
): Promise<Element> {
  const response = await request(`${instanceUrl(study, series, instance)}/metadata`, {
    signal,
    headers: { Accept: 'multipart/related; type="application/dicom+xml"' },
  });
  const bytes = firstPart(response.headers.get('Content-Type') ?? '', new Uint8Array(await response.arrayBuffer()));
  return parseNativeModel(new TextDecoder().decode(bytes));
}
