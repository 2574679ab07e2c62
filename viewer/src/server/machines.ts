/** Machines that may talk DICOM to the archive (peers), and those that tried and were refused (inbox). */
import * as v from 'valibot';
import { request } from './request';

const optionalText = v.optional(v.nullable(v.string()));
const optionalNumber = v.optional(v.nullable(v.number()));
const texts = v.array(v.string());

/** Loose: what a newer server sets for a machine is sent back as it came. */
const peerSchema = v.looseObject({
  ae_title: v.string(),
  address: optionalText,
  port: optionalNumber,
  tls: v.optional(v.boolean()),
  allow: v.optional(texts, []),
  worklist: v.optional(v.object({ characters: v.string(), names: v.string(), max_entries: optionalNumber })),
  certificate: optionalText,
  move_destinations: v.optional(v.nullable(texts)),
  accepted_transfer_syntaxes: v.optional(texts),
  offered_transfer_syntaxes: v.optional(texts),
  max_associations: optionalNumber,
  instance_availability: v.optional(v.boolean()),
  issuer_of_patient_id: optionalText,
  department: optionalText,
  machine_code: optionalText,
});

const inboxSchema = v.object({
  calling_ae_title: v.string(),
  called_ae_title: v.optional(v.string(), ''),
  address: v.string(),
  reason: v.optional(v.string(), ''),
  at_ms: v.optional(v.nullable(v.number())),
});

export type Peer = v.InferOutput<typeof peerSchema>;
/** What is set for a machine; its AE title is in the address. */
export type PeerSettings = Readonly<Record<string, unknown>>;
export type InboxEntry = v.InferOutput<typeof inboxSchema>;

/** The machines that are known. */
export async function fetchPeers(signal: AbortSignal): Promise<Peer[]> {
  const response = await request('/api/peers', { signal });
  return v.parse(v.array(peerSchema), await response.json());
}

/** Adds a machine, or sets everything that can be set for it anew. */
export async function putPeer(aeTitle: string, settings: PeerSettings, signal: AbortSignal): Promise<void> {
  await request(`/api/peers/${encodeURIComponent(aeTitle)}`, { signal, method: 'PUT', body: settings });
}

/** The machines that asked to connect and are not known. */
export async function fetchInbox(signal: AbortSignal): Promise<InboxEntry[]> {
  const response = await request('/api/inbox', { signal });
  return v.parse(v.array(inboxSchema), await response.json());
}

/** Lets a machine from the inbox in. */
export async function acceptMachine(entry: InboxEntry, signal: AbortSignal): Promise<void> {
  await request('/api/inbox/accept', {
    signal,
    method: 'POST',
    body: { calling_ae_title: entry.calling_ae_title, address: entry.address },
  });
}

const echoSchema = v.object({
  answers: v.boolean(),
  failure: v.optional(v.nullable(v.string())),
  detail: v.optional(v.nullable(v.string())),
  duration_ms: v.number(),
});

export type Echo = v.InferOutput<typeof echoSchema>;

/** Asks a machine whether it is there (C-ECHO). */
export async function echoPeer(aeTitle: string, signal: AbortSignal): Promise<Echo> {
  const response = await request(`/api/peers/${encodeURIComponent(aeTitle)}/echo`, { signal, method: 'POST' });
  return v.parse(echoSchema, await response.json());
}

/** Forgets a machine: its next connection is refused. */
export async function removePeer(aeTitle: string, signal: AbortSignal): Promise<void> {
  await request(`/api/peers/${encodeURIComponent(aeTitle)}`, { signal, method: 'DELETE' });
}
