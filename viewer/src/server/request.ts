/**
 * The one way to our own server: same origin, session cookie, the header that guards unsafe methods, errors as one type.
 * A lost session is announced here, so that every part of the app falls back to signing in.
 */
import * as v from 'valibot';
import { earlyAnswers } from './early';

/** Problem details (RFC 9457), as far as the viewer uses them. */
const problemSchema = v.object({
  title: v.optional(v.string()),
  detail: v.optional(v.string()),
  field: v.optional(v.string()),
});

/** A request that did not succeed. `status` 0 means that no answer came. */
export class RequestError extends Error {
  readonly status: number;
  /** The parameter or member that is wrong, if the server names one. */
  readonly field: string | undefined;

  constructor(status: number, message: string, field?: string) {
    super(message);
    this.name = 'RequestError';
    this.status = status;
    this.field = field;
  }
}

type Listener = () => void;
const sessionLost = new Set<Listener>();

/** Calls `listener` whenever the server says that nobody is signed in. */
export function onSessionLost(listener: Listener): () => void {
  sessionLost.add(listener);
  return () => sessionLost.delete(listener);
}

/** Tells everyone that the session is gone (also used by the frame loader, which does not fetch through here). */
export function announceSessionLost(): void {
  for (const listener of sessionLost) {
    listener();
  }
}

/** How a request is made. */
export interface RequestOptions {
  readonly signal: AbortSignal;
  readonly method?: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: unknown;
  /** Whether 401 is an answer to the caller rather than a lost session (signing in). */
  readonly expectsUnauthorized?: boolean;
}

async function failureOf(response: Response): Promise<RequestError> {
  try {
    const problem = v.parse(problemSchema, await response.json());
    return new RequestError(response.status, problem.detail ?? problem.title ?? response.statusText, problem.field);
  } catch {
    return new RequestError(response.status, response.statusText);
  }
}

/** Makes a request; anything but 2xx is a RequestError. Aborting rejects with the signal's reason. */
export async function request(url: string, options: RequestOptions): Promise<Response> {
  options.signal.throwIfAborted();
  const method = options.method ?? 'GET';
  const init: RequestInit = {
    method,
    signal: options.signal,
    credentials: 'same-origin',
    headers: {
      ...(method === 'GET' ? {} : { 'X-Filmless-Request': '1' }),
      ...(options.body === undefined ? {} : { 'Content-Type': 'application/json' }),
      ...options.headers,
    },
    ...(options.body === undefined ? {} : { body: JSON.stringify(options.body) }),
  };
  let response: Response;
  try {
    const early = earlyAnswers.get(url);
    earlyAnswers.delete(url);
    response = (await early?.catch(() => undefined)) ?? (await fetch(url, init));
    options.signal.throwIfAborted();
  } catch (error) {
    options.signal.throwIfAborted();
    throw new RequestError(0, error instanceof Error ? error.message : 'no answer');
  }
  if (response.ok) {
    return response;
  }
  if (response.status === 401 && options.expectsUnauthorized !== true) {
    announceSessionLost();
  }
  throw await failureOf(response);
}
