/** Orders: what is to be done at which machine. Members have the names of the standard's attributes in snake case. */
import * as v from 'valibot';
import { request } from './request';

export const stepStatuses = ['scheduled', 'arrived', 'in_progress', 'completed', 'discontinued', 'cancelled'] as const;
export type StepStatus = (typeof stepStatuses)[number];

const wordsSchema = v.record(v.string(), v.string());
const statusSchema = v.picklist(stepStatuses);

/** A step as the server sends it: words, and among them its status. */
const stepSchema = v.pipe(
  wordsSchema,
  v.transform(({ status, ...words }) => ({ words, status: v.parse(statusSchema, status) })),
);

const rowSchema = v.object({ order: wordsSchema, step: stepSchema });

const orderSchema = v.pipe(
  v.looseObject({ steps: v.array(stepSchema) }),
  v.transform(({ steps, ...words }) => ({ words: v.parse(wordsSchema, words), steps })),
);

/** Values by the name of their attribute; those without one are absent. */
export type Words = v.InferOutput<typeof wordsSchema>;
export type OrderStep = v.InferOutput<typeof stepSchema>;
export type OrderRow = v.InferOutput<typeof rowSchema>;
export type Order = v.InferOutput<typeof orderSchema>;

/** An order as it is sent. */
export interface OrderDraft {
  readonly words: Words;
  readonly steps: readonly Words[];
}

function filled(words: Words): Words {
  return Object.fromEntries(Object.entries(words).filter(([, value]) => value.trim() !== ''));
}

function body(draft: OrderDraft): unknown {
  return { ...filled(draft.words), steps: draft.steps.map(filled) };
}

function path(accessionNumber: string): string {
  return `/api/orders/${encodeURIComponent(accessionNumber)}`;
}

/** Steps of orders, in the order of their beginning. */
export async function fetchOrders(query: URLSearchParams, signal: AbortSignal): Promise<OrderRow[]> {
  const response = await request(`/api/orders?${query}`, { signal });
  return v.parse(v.array(rowSchema), await response.json());
}

/** One order. */
export async function fetchOrder(accessionNumber: string, signal: AbortSignal): Promise<Order> {
  const response = await request(path(accessionNumber), { signal });
  return v.parse(orderSchema, await response.json());
}

/** Creates an order; without an accession number it is given one. */
export async function createOrder(draft: OrderDraft, signal: AbortSignal): Promise<void> {
  await request('/api/orders', { signal, method: 'POST', body: body(draft) });
}

/** Changes an order to what is sent. */
export async function changeOrder(accessionNumber: string, draft: OrderDraft, signal: AbortSignal): Promise<void> {
  await request(path(accessionNumber), { signal, method: 'PUT', body: body(draft) });
}

/** Cancels an order. */
export async function cancelOrder(accessionNumber: string, signal: AbortSignal): Promise<void> {
  await request(path(accessionNumber), { signal, method: 'DELETE' });
}

/** Says how far a step is. */
export async function setStepStatus(
  accessionNumber: string,
  stepId: string,
  status: StepStatus,
  signal: AbortSignal,
): Promise<void> {
  const sent = { scheduled_procedure_step_id: stepId, status };
  await request(`${path(accessionNumber)}/status`, { signal, method: 'POST', body: sent });
}
