/** The bytes behind an address in the metadata (PS3.18 Annex F.2.2, Bulk Data URI), and never more of them than are wanted. */
import { request } from '../server/request';
import { firstPart } from './multipart';

/** The boundary and head of the one part. */
const envelope = 4096;

export class TooManyBytes extends Error {}

async function bodyOf(response: Response, most: number): Promise<Uint8Array> {
  const reader = response.body?.getReader();
  const chunks: Uint8Array[] = [];
  let length = 0;
  for (let read = await reader?.read(); read && !read.done; read = await reader?.read()) {
    chunks.push(read.value);
    length += read.value.length;
    if (length > most) {
      await reader?.cancel();
      throw new TooManyBytes('the value is longer than it may be');
    }
  }
  const body = new Uint8Array(length);
  let at = 0;
  for (const chunk of chunks) {
    body.set(chunk, at);
    at += chunk.length;
  }
  return body;
}

export async function bulkBytes(uri: string, most: number, signal: AbortSignal): Promise<Uint8Array> {
  // Only the path is used: bulk data is asked of our own origin, whatever host name the metadata gives.
  const address = new URL(uri, location.href);
  const response = await request(address.pathname + address.search, {
    signal,
    headers: { Accept: 'multipart/related; type="application/octet-stream"' },
  });
  return firstPart(response.headers.get('Content-Type') ?? '', await bodyOf(response, most + envelope));
}
