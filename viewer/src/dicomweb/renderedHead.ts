/** How a document or a stream begins, asked for before the browser is given all of it: then what is wrong can be said. */
import { request } from '../server/request';
import type { SeriesInstanceUid, SopInstanceUid, StudyInstanceUid } from './uid';
import { renderedUrl } from './urls';

export interface RenderedHead {
  /** What the server says it is (PS3.18 section 8.7.4, Rendered Media Types), without parameters. */
  readonly mediaType: string;
  readonly bytes: Uint8Array;
}

/** Within so many bytes a PDF says that it is one (ISO 32000-1 annex H, note 13). */
const headLength = 1024;

export async function fetchRenderedHead(
  study: StudyInstanceUid,
  series: SeriesInstanceUid,
  instance: SopInstanceUid,
  signal: AbortSignal,
): Promise<RenderedHead> {
  const response = await request(renderedUrl(study, series, instance), {
    signal,
    headers: { Accept: '*/*', Range: `bytes=0-${headLength - 1}` },
  });
  const mediaType = response.headers.get('Content-Type')?.split(';')[0]?.trim().toLowerCase() ?? '';
  return { mediaType, bytes: new Uint8Array(await response.arrayBuffer()) };
}
