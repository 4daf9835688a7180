// What is chosen so far, and the buttons to hold it.

import { element } from "./dom.js";
import { seatsName, show as texts } from "./texts.js";

export class ChoiceBar {
  #chosen = element("p", { class: "chosen" });
  #buttons = {};

  /** `actions`: hold, change, best, clear. */
  constructor(actions) {
    for (const [name, onclick] of Object.entries(actions)) {
      this.#buttons[name] = element("button", { type: "button", onclick });
    }
    const { hold, change, best, clear } = this.#buttons;
    for (const button of [hold, change, best]) {
      button.className = "primary";
    }
    this.element = element(
      "section",
      { class: "choice-bar", "aria-label": texts.choice },
      this.#chosen,
      element("p", { class: "actions" }, hold, change, best, clear),
    );
  }

  get text() {
    return this.#chosen.textContent;
  }

  update(choice, plan) {
    const seats = choice.numbers.map((number) => plan.seat(number));
    const isChange = choice.changes !== null;
    const { hold, change, best, clear } = this.#buttons;
    this.#chosen.textContent = texts.chosen(seatsName(seats, plan), choice.count - seats.length);
    hold.textContent = texts.hold(seats.length);
    change.textContent = texts.change;
    best.textContent = texts.best(choice.count);
    clear.textContent = isChange ? texts.keepSeats : texts.clear;
    hold.hidden = isChange || !seats.length;
    change.hidden = !isChange || !seats.length;
    best.hidden = isChange || seats.length > 0;
    clear.hidden = !isChange && !seats.length;
  }
}
