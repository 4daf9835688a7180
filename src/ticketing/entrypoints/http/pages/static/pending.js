// A request that has not been answered yet. It is repeated with its key, also after a reload.

import { call, newKey } from "./api.js";
import { ofTab } from "./browser_storage.js";
import { requireSession } from "./dialogs.js";
import { isSignedIn } from "./session.js";

const MAX_AGE_MS = 5 * 60_000; // a tab that is restored another day sends nothing by itself

export class Pending {
  #name;

  constructor(showId) {
    this.#name = `ticketing.pending.${showId}`;
  }

  /** Return the answer, after log-in if need be; undefined if that was dismissed. Throws Problem. */
  send(method, path, body) {
    const kept = this.#kept();
    const isSame = JSON.stringify([kept?.method, kept?.path, kept?.body]) === JSON.stringify([method, path, body]);
    const sent = { method, path, body, key: isSame ? kept.key : newKey(), at: Date.now() };
    ofTab.set(this.#name, sent);
    return this.#deliver(sent);
  }

  /** Send again what this tab sent, or was about to send at log-in, and was not answered. */
  async resume() {
    const kept = this.#kept();
    if (kept && isSignedIn()) {
      return this.#deliver(kept);
    }
    ofTab.remove(this.#name);
  }

  /** Whether the box office may have done what it has not answered. */
  get isUnanswered() {
    return this.#kept() !== null;
  }

  #kept() {
    const kept = ofTab.get(this.#name);
    return kept && Date.now() - kept.at < MAX_AGE_MS ? kept : null;
  }

  async #deliver(sent) {
    if (!(await requireSession())) {
      ofTab.remove(this.#name);
      return undefined;
    }
    const { method, path, body, key } = sent;
    try {
      const answer = await call(method, path, { body, key, signedIn: true });
      ofTab.remove(this.#name);
      return answer;
    } catch (problem) {
      if (problem.status === 401) {
        return this.#deliver(sent); // the session has ended
      }
      if (problem.status >= 400 && problem.status < 500) {
        ofTab.remove(this.#name);
      }
      throw problem;
    }
  }
}
