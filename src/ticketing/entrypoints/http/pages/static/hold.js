// A hold: its seats, the time that is left, and what can be done with it.

import { countDown } from "./countdown.js";
import { element } from "./dom.js";
import { shared, show as texts } from "./texts.js";

let count = 0;

export class HoldCard {
  #hold;
  #nameOf;
  #onEnd;
  #stopClock = () => {};
  #title = element("h2", { tabindex: -1, id: `hold-${(count += 1)}` });
  #seats = element("p", { class: "hold-seats" });
  #clock = element("p", { class: "clock", role: "timer" });
  #text = element("p");
  #buttons;

  /** `actions` are functions of a hold by the name of a button; `onEnd` is called at 0 seconds. */
  constructor({ nameOf, actions, onEnd }) {
    this.#nameOf = nameOf;
    this.#onEnd = onEnd;
    this.#buttons = Object.entries(actions).map(([name, act]) => [
      name,
      element("button", { type: "button", onclick: () => act(this.#hold) }),
    ]);
    const head = element("div", {}, this.#title, this.#seats);
    this.element = element(
      "section",
      { "aria-labelledby": this.#title.id },
      element("div", { class: "hold-head" }, head, this.#clock),
      this.#text,
      element("p", { class: "actions" }, this.#buttons.map(([, button]) => button)),
    );
  }

  /** Show the hold as just read: the time left is the box office's, not this device's. */
  update(hold) {
    if (hold === this.#hold) {
      return; // not read again: its time goes on
    }
    const state = stateOf(hold);
    const { title, text, buttons } = texts[state];
    this.#hold = hold;
    this.element.className = `card hold ${state}`;
    this.#title.textContent = title;
    this.#seats.textContent = this.#nameOf(hold.seats);
    this.#text.textContent = hold.seats.length > 1 && !hold.together ? `${text} ${texts.apart}` : text;
    for (const [name, button] of this.#buttons) {
      button.textContent = buttons[name] ?? "";
      button.hidden = !buttons[name] || (name === "extend" && hold.expires_at >= hold.extendable_until);
      button.className = name === "book" ? "primary" : "";
    }
    this.#stopClock();
    this.#clock.hidden = state === "expired";
    if (state !== "expired") {
      this.#stopClock = countDown(hold.expires_in, (left) => this.#tick(left));
    }
  }

  get text() {
    return `${this.#title.textContent}: ${this.#seats.textContent}. ${texts.left(this.#clock.textContent)}`;
  }

  focus() {
    this.#title.focus();
  }

  remove() {
    this.#stopClock();
    this.element.remove();
  }

  #tick(left) {
    this.#clock.textContent = shared.clock(left);
    this.#clock.classList.toggle("short", left <= 60);
    if (left === 0) {
      setTimeout(this.#onEnd, 1000); // the seconds were rounded down
    }
  }
}

function stateOf(hold) {
  if (hold.status !== "ACTIVE") {
    return "expired";
  }
  return hold.is_offer ? "offer" : "held";
}
