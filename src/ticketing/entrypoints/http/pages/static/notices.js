// What went wrong, and a way on.

import { element } from "./dom.js";
import { problems, shared as texts } from "./texts.js";

/** Return what a problem means for a customer. */
export function explanation(problem) {
  if (problem.code === "offline") {
    return problems.offline;
  }
  if (problem.code === "session_ended") {
    return problems.sessionEnded;
  }
  if (problem.code === "bad_credentials") {
    return problems.wrongPassword;
  }
  if (problem.status === 429) {
    return problems.tooMany(problem.retryAfter);
  }
  if ([502, 503, 504].includes(problem.status)) {
    return problems.busy(problem.retryAfter);
  }
  return problem.status < 500 && problem.detail ? problem.detail : problems.internal;
}

/** Return a box with `text`, announced at once, and the buttons or links that lead on. */
export function notice(text, ...waysOn) {
  return element("div", { class: "notice", role: "alert" }, element("p", {}, text), element("p", { class: "actions" }, waysOn));
}

/** Return a box that explains a problem, with a button that calls `tryAgain`. */
export function problemNotice(problem, tryAgain) {
  if (!(problem instanceof Error && "code" in problem)) {
    console.error(problem);
  }
  const label = problem.code === "session_ended" ? texts.logIn : texts.tryAgain;
  return notice(explanation(problem), element("button", { type: "button", onclick: tryAgain }, label));
}
