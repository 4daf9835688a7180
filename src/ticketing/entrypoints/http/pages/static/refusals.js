// What the box office refuses, and what a customer can do then.

import { element } from "./dom.js";
import { notice, problemNotice } from "./notices.js";
import { refusals as texts } from "./texts.js";

/**
 * Return a notice for a problem of a hold or a booking. `page` has what the ways on do: holdBest,
 * hold(labels), book, chooseFewer, joinWaitingList and tryAgain; and nameOf(labels).
 */
export function refusalNotice(problem, page) {
  const refusal = REFUSALS[problem.code];
  if (!refusal) {
    return problemNotice(problem, page.tryAgain);
  }
  return notice(...refusal(problem.body, page));
}

const best = (page) => button(texts.best(page.count), page.holdBest, "primary");
const fewer = (page) => button(texts.chooseFewer, page.chooseFewer);
const waitingList = (page) => button(texts.joinWaitingList, page.joinWaitingList);
const programme = () => element("a", { class: "button", href: "/" }, texts.programme);
const account = () => element("a", { class: "button", href: "/account" }, texts.account);

const REFUSALS = {
  seat_taken: ({ seats }, page) => [texts.taken(page.nameOf(seats)), best(page)],
  seat_held: ({ seats }, page) => [texts.held(page.nameOf(seats)), best(page)],
  companion_seat: ({ seats }, page) => [texts.companion(page.nameOf(seats)), best(page)],
  hold_lost: ({ seats }, page) => [texts.holdLost(page.nameOf(seats)), best(page)],
  hold_expired: (_, page) => [texts.holdExpired, best(page)],
  hold_released: (_, page) => [texts.holdReleased, best(page)],
  hold_booked: () => [texts.holdBooked, account()],
  no_seats: (facts, page) => [texts.noSeats(page.count, facts), fewer(page), waitingList(page)],
  show_full: (_, page) => [texts.full, waitingList(page)],
  seat_limit: ({ limit, held }, page) => [texts.limit(limit, held), fewer(page), account()],
  hold_at_limit: ({ retry_after: wait }, page) => [
    texts.holdAtLimit(wait),
    page.book && button(texts.bookNow, page.book),
  ],
  orphan_seat: ({ orphans, alternatives }, page) => [
    texts.orphans(page.nameOf(orphans)),
    ...alternatives.map((labels) => button(texts.instead(page.nameOf(labels)), () => page.hold(labels))),
  ],
  sales_closed: () => [texts.closed, programme()],
  seats_available: (_, page) => [texts.seatsAvailable, best(page)],
  already_waiting: () => [texts.alreadyWaiting, account()],
};

function button(text, onclick, name = "") {
  return element("button", { type: "button", class: name, onclick }, text);
}
