// How many seats, the first question.

import { MAX_SEATS } from "./choice.js";
import { element } from "./dom.js";
import { show as texts } from "./texts.js";

/** Return a group of radio buttons that calls `choose(count)`. */
export function partySize(count, choose) {
  const sizes = Array.from({ length: MAX_SEATS }, (_, index) => index + 1);
  return element(
    "fieldset",
    { class: "party-size", onchange: ({ target }) => choose(Number(target.value)) },
    element("legend", {}, texts.partySize),
    sizes.map((size) =>
      element(
        "label",
        {},
        element("input", { type: "radio", name: "count", value: size, checked: size === count }),
        element("span", {}, size),
      ),
    ),
  );
}
