/** The log of who did what: /api/audit-log. */
import * as v from 'valibot';
import { request } from './request';

export const auditedActs = [
  'sign_in',
  'sign_out',
  'search',
  'view',
  'download',
  'print',
  'export',
  'store',
  'delete',
  'restore',
  'order',
  'administer',
] as const;

export type AuditedAct = (typeof auditedActs)[number];

/** What is not known is empty. */
const rowSchema = v.object({
  sequence: v.number(),
  at_ms: v.number(),
  act: v.picklist(auditedActs),
  outcome: v.picklist(['done', 'refused', 'failed']),
  actor: v.string(),
  ae_title: v.string(),
  address: v.string(),
  study: v.string(),
  patient_id: v.string(),
  issuer_of_patient_id: v.string(),
  count: v.nullable(v.number()),
  purpose: v.string(),
  detail: v.string(),
});

/** An entry of the log. */
export type AuditRow = v.InferOutput<typeof rowSchema>;

/** A page of the entries that these parameters mean, last first. */
export async function fetchAuditLog(parameters: URLSearchParams, signal: AbortSignal): Promise<AuditRow[]> {
  const response = await request(`/api/audit-log?${parameters}`, { signal });
  return v.parse(v.array(rowSchema), await response.json());
}
