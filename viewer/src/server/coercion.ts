/** Coercion: in which character set texts of a machine are read, and rules that change what is shown of what it sends. */
import * as v from 'valibot';
import { request } from './request';

const optionalText = v.optional(v.nullable(v.string()));

const conditionSchema = v.object({
  attribute: v.string(),
  equals: v.optional(v.string()),
  matches: v.optional(v.string()),
  missing: v.optional(v.boolean()),
});

/** As CONFORMANCE.md describes it; which members there are besides depends on the action. */
export const coercionRuleSchema = v.object({
  name: v.optional(v.string()),
  when: v.optional(v.array(conditionSchema)),
  attribute: v.string(),
  action: v.string(),
  value: v.optional(v.string()),
  pattern: v.optional(v.string()),
  with: v.optional(v.string()),
  values: v.optional(v.record(v.string(), v.string())),
});

const characterSetSchema = v.object({ assume: v.string(), applies_to: v.string() });

const writtenSchema = v.object({
  peer: optionalText,
  character_set: v.optional(v.nullable(characterSetSchema)),
  rules: v.array(coercionRuleSchema),
});

const previewSchema = v.object({
  instances: v.array(
    v.object({
      study: v.string(),
      instance: v.string(),
      changes: v.array(
        v.object({
          rule: v.optional(v.nullable(v.number())),
          attribute: v.string(),
          before: optionalText,
          after: optionalText,
        }),
      ),
    }),
  ),
});

export type CoercionCondition = v.InferOutput<typeof conditionSchema>;
export type CoercionRule = v.InferOutput<typeof coercionRuleSchema>;
export type CharacterSet = v.InferOutput<typeof characterSetSchema>;
export type Preview = v.InferOutput<typeof previewSchema>;

/** What is done with what a machine sends. */
export interface Coercion {
  readonly character_set: CharacterSet | null;
  readonly rules: readonly CoercionRule[];
}

/** What is done with what one machine sends, apart from what is done with what all send; or, without one, the latter. */
export async function fetchCoercion(peer: string | null, signal: AbortSignal): Promise<Coercion> {
  const response = await request('/api/coercion-rules', { signal });
  const own = v.parse(v.array(writtenSchema), await response.json()).find((written) => (written.peer ?? null) === peer);
  return { character_set: own?.character_set ?? null, rules: own?.rules ?? [] };
}

/** Says what is done with what a machine sends from now on, or all machines. */
export async function putCoercion(peer: string | null, coercion: Coercion, signal: AbortSignal): Promise<void> {
  await request('/api/coercion-rules', { signal, method: 'PUT', body: { peer, ...coercion } });
}

/** What would become of the last instances of a machine. Nothing is kept. */
export async function previewCoercion(peer: string, coercion: Coercion, signal: AbortSignal): Promise<Preview> {
  const body = { peer, last: 50, ...coercion };
  const response = await request('/api/coercion-rules/preview', { signal, method: 'POST', body });
  return v.parse(previewSchema, await response.json());
}
