/** Forwarding: the places that instances go to by themselves, how it goes with each, and the rules that say which go where. */
import * as v from 'valibot';
import { coercionRuleSchema } from './coercion';
import { request } from './request';

const optionalText = v.optional(v.nullable(v.string()));
const texts = v.array(v.string());

const targetSchema = v.union([
  v.object({ peer: v.string() }),
  v.object({ web: v.looseObject({ url: v.string(), transfer_syntax: optionalText }) }),
]);

/** Loose: what a newer server sets for a destination is sent back as it came. */
const destinationSchema = v.looseObject({
  name: v.string(),
  target: targetSchema,
  active: v.boolean(),
  parallel: v.number(),
  bytes_per_second: v.optional(v.nullable(v.number())),
  hours: optionalText,
  commit: v.boolean(),
  coercion: v.array(coercionRuleSchema),
  has_authorization: v.boolean(),
  failures: v.number(),
  trouble: optionalText,
  next_ms: v.number(),
  waiting: v.number(),
  unproven: v.number(),
  sent: v.number(),
  failed: v.number(),
});

const forwardSchema = v.object({
  study: v.string(),
  series: v.string(),
  instance: v.string(),
  attempts: v.number(),
  trouble: optionalText,
  at_ms: v.number(),
});

const conditionSchema = v.object({ attribute: v.string(), values: texts, not: v.boolean() });

const ruleSchema = v.looseObject({
  name: v.string(),
  active: v.boolean(),
  peers: texts,
  conditions: v.array(conditionSchema),
  hours: optionalText,
  destinations: texts,
});

const meantSchema = v.object({
  looked_at: v.number(),
  instances: v.number(),
  studies: v.array(v.object({ study: v.string(), instances: v.number() })),
});

export type Destination = v.InferOutput<typeof destinationSchema>;
/** States of instances for a destination that somebody may want to look at. */
export type ForwardState = 'waiting' | 'unproven' | 'failed';
export type Forward = v.InferOutput<typeof forwardSchema>;
export type Condition = v.InferOutput<typeof conditionSchema>;
export type Rule = v.InferOutput<typeof ruleSchema>;
export type Meant = v.InferOutput<typeof meantSchema>;
/** What is set for a destination or a rule; its name is in the address. */
export type Settings = Readonly<Record<string, unknown>>;

function path(list: 'destinations' | 'rules', name: string): string {
  return `/api/forwarding/${list}/${encodeURIComponent(name)}`;
}

/** The destinations, with how much is on its way to each. */
export async function fetchDestinations(signal: AbortSignal): Promise<Destination[]> {
  const response = await request('/api/forwarding/destinations', { signal });
  return v.parse(v.array(destinationSchema), await response.json());
}

/** Adds a destination, or sets everything that can be set for it anew. */
export async function putDestination(name: string, settings: Settings, signal: AbortSignal): Promise<void> {
  await request(path('destinations', name), { signal, method: 'PUT', body: settings });
}

/** Removes a destination, and what is on its way there. */
export async function removeDestination(name: string, signal: AbortSignal): Promise<void> {
  await request(path('destinations', name), { signal, method: 'DELETE' });
}

/** What is in a state on its way to a destination, last due first: as much as one answer has. */
export async function fetchForwards(name: string, state: ForwardState, signal: AbortSignal): Promise<Forward[]> {
  const response = await request(`${path('destinations', name)}/instances?state=${state}&limit=100`, { signal });
  return v.parse(v.array(forwardSchema), await response.json());
}

/** Has what failed sent again, and what waits because of trouble sent now. */
export async function retryForwards(name: string, signal: AbortSignal): Promise<void> {
  await request(`${path('destinations', name)}/retry`, { signal, method: 'POST' });
}

/** The rules. */
export async function fetchRules(signal: AbortSignal): Promise<Rule[]> {
  const response = await request('/api/forwarding/rules', { signal });
  return v.parse(v.array(ruleSchema), await response.json());
}

/** Adds or changes a rule. It is of what is stored from now on. */
export async function putRule(name: string, settings: Settings, signal: AbortSignal): Promise<void> {
  await request(path('rules', name), { signal, method: 'PUT', body: settings });
}

/** Removes a rule. */
export async function removeRule(name: string, signal: AbortSignal): Promise<void> {
  await request(path('rules', name), { signal, method: 'DELETE' });
}

/** Which of the newest instances a rule would mean. Nothing is sent. */
export async function tryRule(name: string, settings: Settings, signal: AbortSignal): Promise<Meant> {
  const response = await request(`${path('rules', name)}/try`, { signal, method: 'POST', body: settings });
  return v.parse(meantSchema, await response.json());
}
