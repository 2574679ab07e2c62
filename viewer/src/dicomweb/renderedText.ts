/** What the server makes of an instance that is no picture: a page of a report, a drawing of a waveform. */
import { request } from '../server/request';
import type { InstanceAddress } from './uid';
import { renderedUrl } from './urls';

/** In the language of the page, which need not be the browser's. */
export async function fetchRenderedText(
  { study, series, instance }: InstanceAddress,
  mediaType: 'text/html' | 'image/svg+xml',
  language: string,
  signal: AbortSignal,
): Promise<string> {
  const response = await request(renderedUrl(study, series, instance), {
    signal,
    headers: { Accept: mediaType, 'Accept-Language': language },
  });
  return response.text();
}
