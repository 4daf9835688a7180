// One request, and what can go wrong with it.

const MAX_SECONDS = 30;

/**
 * An error of the API: `status`, its stable `code`, a `detail` for people, the whole `body`, and
 * `retryAfter` in seconds or null. Without an answer, `status` is 0 and `code` is "offline".
 */
export class Problem extends Error {
  constructor(status, body, retryAfter = null) {
    super(body.detail || body.code || String(status));
    this.status = status;
    this.code = body.code ?? "";
    this.detail = body.detail ?? "";
    this.body = body;
    this.retryAfter = retryAfter;
  }
}

/** Return the parsed body of the answer, null where it has none. Throws Problem. */
export async function send(method, path, { body, headers = {} } = {}) {
  const response = await answered(path, {
    method,
    headers: body === undefined ? headers : { ...headers, "Content-Type": "application/json" },
    body: body === undefined ? undefined : JSON.stringify(body),
    credentials: "omit",
    signal: AbortSignal.timeout(MAX_SECONDS * 1000),
  });
  const text = await response.text().catch(() => {
    throw offline();
  });
  if (!response.ok) {
    const retryAfter = Number.parseInt(response.headers.get("Retry-After"), 10);
    throw new Problem(response.status, parsed(text) ?? {}, Number.isNaN(retryAfter) ? null : retryAfter);
  }
  return parsed(text);
}

async function answered(path, options) {
  try {
    return await fetch(path, options);
  } catch {
    throw offline();
  }
}

function offline() {
  return new Problem(0, { code: "offline" });
}

/** Return the JSON value; null for anything else, such as the page of a proxy. */
function parsed(text) {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
