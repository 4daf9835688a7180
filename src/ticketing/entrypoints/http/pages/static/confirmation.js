// What the customer has booked of this show.

import { element } from "./dom.js";
import { show as texts } from "./texts.js";
import { dayAndClock } from "./times.js";

/** Return the booking as a card to print, with a button that calls `bookMore`. */
export function confirmation(booking, nameOf, bookMore) {
  const { show, seats, reference } = booking;
  const facts = [
    [texts.reference, element("strong", { class: "reference" }, reference)],
    [texts.movie, show.movie.title],
    [texts.time, dayAndClock(show.starts_at)],
    [texts.screen, show.screen_name],
    [texts.seats, nameOf(seats)],
  ];
  return element(
    "section",
    { class: "card confirmation", "aria-labelledby": "booked" },
    element("h2", { id: "booked", tabindex: -1 }, texts.booked),
    element("p", {}, texts.bookedText),
    element("dl", {}, facts.flatMap(([name, value]) => [element("dt", {}, name), element("dd", {}, value)])),
    element(
      "p",
      { class: "actions" },
      element("button", { type: "button", onclick: () => window.print() }, texts.print),
      element("a", { class: "button", href: "/account" }, texts.account),
      element("button", { type: "button", onclick: bookMore }, texts.bookMore),
    ),
  );
}

export function bookedBefore(bookings, nameOf) {
  return bookings.map(({ reference, seats }) =>
    element("p", { class: "booked-before" }, texts.bookedBefore(nameOf(seats), reference)),
  );
}
