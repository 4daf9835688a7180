// Who is signed in. The access token is in the memory of this tab only. The refresh token is in
// localStorage, where all tabs find it; each use replaces it, so one tab at a time renews.

import { shared } from "./browser_storage.js";
import { Problem, send } from "./http.js";

const KEY = "ticketing.session";
const SPARE_SECONDS = 30;

let access = null; // {token, username, validUntil}, the latter by performance.now()
let renewing = null;
let known = user()?.username;
const listeners = [];

export function isSignedIn() {
  return user() !== null;
}

/** Return the signed-in user as `{username}`, or null. */
export function user() {
  const stored = shared.get(KEY);
  return stored?.refresh ? { username: stored.username } : null;
}

/** Call `fn` after each log-in and log-out, also those in other tabs. */
export function onChange(fn) {
  listeners.push(fn);
}

/** Log in by username or email address. Throws Problem. */
export async function logIn(name, password) {
  const tokens = await send("POST", "/api/auth/login", { body: { username: name, password } });
  const me = await send("GET", "/api/auth/me", { headers: bearer(tokens.access) });
  keep(tokens, me.username);
  notifyOfChange();
}

/** Add an account, without logging in. `email` may be empty. Throws Problem. */
export async function signUp({ username, password, email }) {
  const body = email ? { username, password, email } : { username, password };
  await send("POST", "/api/auth/signup", { body });
}

/** End the session, here at once and on the server if it can be reached. */
export async function logOut() {
  const stored = shared.get(KEY);
  forget();
  if (stored) {
    await send("POST", "/api/auth/logout", { body: { refresh: stored.refresh } }).catch(() => {});
  }
}

/**
 * Return the Authorization header of this session; with `refused`, one other than that.
 * Throws Problem, with the code "session_ended" when there is no session any more.
 */
export async function authorization(refused = null) {
  const isUsable =
    access && access.username === user()?.username && performance.now() < access.validUntil;
  if (!isUsable || bearer(access.token).Authorization === refused?.Authorization) {
    renewing ??= exclusively(renew).finally(() => (renewing = null));
    await renewing;
  }
  if (!access) {
    throw ended();
  }
  return bearer(access.token);
}

async function renew() {
  const stored = shared.get(KEY);
  if (!stored?.refresh) {
    throw ended();
  }
  let tokens;
  try {
    tokens = await send("POST", "/api/auth/token/refresh", { body: { refresh: stored.refresh } });
  } catch (problem) {
    const isRefused = problem.status >= 400 && problem.status < 500 && problem.status !== 429;
    if (!isRefused) {
      throw problem; // offline, or the server is busy: the session goes on
    }
    if (isCurrent(stored)) {
      forget();
      throw ended();
    }
    return renew(); // another tab was faster
  }
  const username = user()?.username;
  if (!username) {
    throw ended(); // logged out meanwhile
  }
  if (username !== stored.username) {
    return renew();
  }
  keep(tokens, username, isCurrent(stored));
}

/**
 * Run `work` while no other tab does. Not every browser has locks, and what another tab has just
 * stored may become visible late: so `renew` reads again after its request, and for 30 seconds the
 * API answers a repeated refresh token with the same tokens.
 */
function exclusively(work) {
  return navigator.locks ? navigator.locks.request(KEY, work) : work();
}

function isCurrent(stored) {
  return shared.get(KEY)?.refresh === stored.refresh;
}

/** Keep the tokens, the refresh token only where no other tab has stored a later one. */
function keep(tokens, username, isNewest = true) {
  if (isNewest) {
    shared.set(KEY, { username, refresh: tokens.refresh });
  }
  const lifetime = Math.max(tokens.expires_in - SPARE_SECONDS, tokens.expires_in / 2);
  access = { token: tokens.access, username, validUntil: performance.now() + lifetime * 1000 };
}

function forget() {
  shared.remove(KEY);
  notifyOfChange();
}

function bearer(token) {
  return { Authorization: `Bearer ${token}` };
}

function ended() {
  return new Problem(401, { code: "session_ended" });
}

function notifyOfChange() {
  const username = user()?.username;
  if (username === known) {
    return;
  }
  known = username;
  if (!username) {
    access = null;
  }
  listeners.forEach((listener) => listener());
}

window.addEventListener("storage", (event) => {
  if (event.key === KEY || event.key === null) {
    notifyOfChange();
  }
});
window.addEventListener("pageshow", notifyOfChange); // Back may show a page that slept meanwhile
