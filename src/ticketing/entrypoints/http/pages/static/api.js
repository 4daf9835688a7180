// Calls of the public API.

import { Problem, send } from "./http.js";
import { authorization } from "./session.js";

export { Problem };

/**
 * Return the parsed body of the answer. Throws Problem.
 *
 * `key` is an Idempotency-Key: a call whose answer was lost is repeated with the same one.
 * `signedIn` sends the access token, renewed once if it is refused.
 */
export async function call(method, path, { body, key, signedIn = false } = {}) {
  const headers = key ? { "Idempotency-Key": key } : {};
  if (!signedIn) {
    return send(method, path, { body, headers });
  }
  const first = await authorization();
  try {
    return await send(method, path, { body, headers: { ...headers, ...first } });
  } catch (problem) {
    if (problem.status !== 401) {
      throw problem;
    }
    return send(method, path, { body, headers: { ...headers, ...(await authorization(first)) } });
  }
}

/** Return a new Idempotency-Key. Not randomUUID, which exists on secure pages only. */
export function newKey() {
  return Array.from(crypto.getRandomValues(new Uint32Array(4)), (part) => part.toString(36)).join("-");
}
