// The waiting list of a show: joining it, the customer's place, leaving it.

import { element } from "./dom.js";
import { show as texts } from "./texts.js";
import { dayAndClock } from "./times.js";

/** Return a form that calls `join({count, together})`. */
export function joinForm(count, join) {
  const counts = Array.from({ length: 10 }, (_, index) =>
    element("option", { selected: index + 1 === count }, index + 1),
  );
  function submitted(event) {
    event.preventDefault();
    const given = new FormData(event.target);
    join({ count: Number(given.get("count")), together: given.has("together") });
  }
  return element(
    "form",
    { method: "post", class: "card waiting", "aria-labelledby": "waiting-list", onsubmit: submitted },
    element("h2", { id: "waiting-list", tabindex: -1 }, texts.joinTitle),
    element("p", {}, texts.joinText),
    element("label", {}, `${texts.joinCount} `, element("select", { name: "count" }, counts)),
    element(
      "label",
      { class: "check" },
      element("input", { type: "checkbox", name: "together" }),
      texts.joinTogether,
    ),
    element("p", { class: "actions" }, element("button", { class: "primary" }, texts.join)),
  );
}

/** Return what the customer waits for, with a button that calls `leave`. */
export function entryCard(entry, leave) {
  return element(
    "section",
    { class: "card waiting", "aria-labelledby": "waiting-list" },
    element("h2", { id: "waiting-list", tabindex: -1 }, texts.waitingTitle),
    element("p", {}, texts.waiting(entry, dayAndClock(entry.created_at))),
    element(
      "p",
      { class: "actions" },
      element("button", { type: "button", onclick: () => leave(entry) }, texts.leave),
    ),
  );
}
