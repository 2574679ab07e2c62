/** What goes on with other nodes: searches at them, and studies that are sent to them or fetched from them. */
import * as v from 'valibot';
import { parseDataSets } from '../dicomweb/dataSet';
import { parseStudy, type Study } from '../dicomweb/studies';
import type { StudyInstanceUid } from '../dicomweb/uid';
import { fetchPeers, type Peer } from './machines';
import { request } from './request';

const optionalText = v.optional(v.nullable(v.string()));
const failuresSchema = v.array(v.object({ instance: optionalText, reason: v.string() }));

const transferSchema = v.object({
  operation: v.number(),
  state: v.picklist(['running', 'done', 'failed', 'stopped']),
  total: v.optional(v.nullable(v.number())),
  completed: v.number(),
  failed: v.number(),
  failures: failuresSchema,
  trouble: optionalText,
  commitment: v.optional(
    v.nullable(v.object({ state: v.picklist(['asked', 'given', 'refused']), failures: failuresSchema })),
  ),
});

const foundSchema = v.object({
  failure: optionalText,
  detail: optionalText,
  complete: v.boolean(),
  answers: v.array(v.unknown()),
});

/** How far a transfer is, and what came of it. */
export type Transfer = v.InferOutput<typeof transferSchema>;

/** What a node answered to a search; `failure` is a word for why it did not. */
export interface Found {
  readonly failure: string | undefined;
  readonly detail: string | undefined;
  readonly isComplete: boolean;
  readonly studies: readonly Study[];
}

function pathOf(aeTitle: string): string {
  return `/api/peers/${encodeURIComponent(aeTitle)}`;
}

/** The machines that can be called: their address and port are known. */
export async function fetchNodes(signal: AbortSignal): Promise<Peer[]> {
  return (await fetchPeers(signal)).filter(({ address, port }) => address && port);
}

/** Searches studies at a node. */
export async function searchNode(aeTitle: string, keys: URLSearchParams, signal: AbortSignal): Promise<Found> {
  const response = await request(`${pathOf(aeTitle)}/studies?${keys}`, { signal });
  const found = v.parse(foundSchema, await response.json());
  return {
    failure: found.failure ?? undefined,
    detail: found.detail ?? undefined,
    isComplete: found.complete,
    studies: parseDataSets(found.answers).flatMap((dataSet) => parseStudy(dataSet) ?? []),
  };
}

/** Begins to send a study to a node, which may be asked to vouch for it, or to fetch one from it. */
export async function beginTransfer(
  aeTitle: string,
  act: 'send' | 'fetch',
  body: { readonly study: StudyInstanceUid; readonly commit?: boolean },
  signal: AbortSignal,
): Promise<Transfer> {
  const response = await request(`${pathOf(aeTitle)}/${act}`, { signal, method: 'POST', body });
  return v.parse(transferSchema, await response.json());
}

/** How far a transfer is. */
export async function fetchTransfer(aeTitle: string, operation: number, signal: AbortSignal): Promise<Transfer> {
  const response = await request(`${pathOf(aeTitle)}/operations/${operation}`, { signal });
  return v.parse(transferSchema, await response.json());
}

/** Stops a transfer where it is. */
export async function stopTransfer(aeTitle: string, operation: number, signal: AbortSignal): Promise<void> {
  await request(`${pathOf(aeTitle)}/operations/${operation}`, { signal, method: 'DELETE' });
}
