/** What machines report of their work, what they ask the archive to vouch for, and what it asks them. */
import * as v from 'valibot';
import { request } from './request';

const commitmentSchema = v.object({
  commitment: v.number(),
  peer: v.string(),
  state: v.string(),
  instances: v.number(),
  failed: v.number(),
  attempts: v.number(),
  trouble: v.optional(v.nullable(v.string())),
  requested_ms: v.number(),
});

const askedSchema = v.object({
  transaction: v.string(),
  peer: v.string(),
  state: v.string(),
  instances: v.number(),
  refused: v.number(),
  reasons: v.array(v.string()),
  trouble: v.optional(v.nullable(v.string())),
  asked_ms: v.number(),
  answered_ms: v.optional(v.nullable(v.number())),
});

const notificationSchema = v.object({
  notification: v.number(),
  peer: v.string(),
  study: v.string(),
  state: v.string(),
  attempts: v.number(),
  trouble: v.optional(v.nullable(v.string())),
  queued_ms: v.number(),
});

const stepSchema = v.object({
  step: v.string(),
  state: v.string(),
  station: v.string(),
  modality: v.string(),
  patient_id: v.string(),
  start_date: v.string(),
  start_time: v.string(),
  end_time: v.string(),
  scheduled: v.array(v.object({ study: v.string(), accession_number: v.string() })),
  instances: v.number(),
  missing: v.number(),
});

export type Commitment = v.InferOutput<typeof commitmentSchema>;
export type Asked = v.InferOutput<typeof askedSchema>;
export type Notification = v.InferOutput<typeof notificationSchema>;
export type Step = v.InferOutput<typeof stepSchema>;

/** Storage commitments, last asked for first. */
export async function fetchCommitments(signal: AbortSignal): Promise<Commitment[]> {
  const response = await request('/api/storage-commitments', { signal });
  return v.parse(v.array(commitmentSchema), await response.json());
}

/** Has a commitment that its machine has not heard of worked on anew. */
export async function retryCommitment(commitment: number, signal: AbortSignal): Promise<void> {
  await request(`/api/storage-commitments/${commitment}/retry`, { signal, method: 'POST' });
}

/** What machines were asked to vouch for, last asked first. */
export async function fetchAsked(signal: AbortSignal): Promise<Asked[]> {
  const response = await request('/api/asked-commitments', { signal });
  return v.parse(v.array(askedSchema), await response.json());
}

/** Which machines are told of which studies, last due first. */
export async function fetchNotifications(signal: AbortSignal): Promise<Notification[]> {
  const response = await request('/api/availability-notifications', { signal });
  return v.parse(v.array(notificationSchema), await response.json());
}

/** Has a machine told now that has not heard of a study. */
export async function retryNotification(notification: number, signal: AbortSignal): Promise<void> {
  await request(`/api/availability-notifications/${notification}/retry`, { signal, method: 'POST' });
}

/** Performed procedure steps of a day (`YYYYMMDD`) or, if that is empty, of all, last started first. */
export async function fetchSteps(day: string, signal: AbortSignal): Promise<Step[]> {
  const response = await request(`/api/performed-procedure-steps${day === '' ? '' : `?day=${day}`}`, { signal });
  return v.parse(v.array(stepSchema), await response.json());
}
