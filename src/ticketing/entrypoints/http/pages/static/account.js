// My account: offers, held seats, bookings and the waiting list.

import { call, newKey } from "./api.js";
import { countDown } from "./countdown.js";
import { confirm, requireSession } from "./dialogs.js";
import { announce, element } from "./dom.js";
import { explanation, notice, problemNotice } from "./notices.js";
import { isSignedIn, onChange, user } from "./session.js";
import "./shell.js";
import { account as texts, shared } from "./texts.js";
import { dayAndClock, loadCinema, zoneNote } from "./times.js";

const PAGE_SIZE = 50;
const LOOK_SECONDS = 20;

const content = document.getElementById("content");
const keys = new Map(); // Idempotency-Keys of calls whose answer was lost, by path
let stopCountdowns = [];
let bookingPages = 1;
let shown = "";

async function showPage() {
  stopCountdowns.forEach((stop) => stop());
  stopCountdowns = [];
  if (!isSignedIn()) {
    showLoggedOut(texts.loggedOut);
    return;
  }
  try {
    await loadCinema();
    const [bookings, holds, entries] = await Promise.all([readBookings(), readHolds(), readEntries()]);
    shown = fingerprint(holds, entries);
    const focused = document.activeElement?.id;
    content.replaceChildren(...sections(bookings, holds, entries));
    document.getElementById(focused)?.focus();
  } catch (problem) {
    if (problem.code === "session_ended") {
      showLoggedOut(explanation(problem));
    } else {
      content.replaceChildren(problemNotice(problem, showPage));
    }
  }
}

function showLoggedOut(text) {
  const button = element("button", { type: "button", class: "primary", onclick: requireSession }, shared.logIn);
  content.replaceChildren(element("p", {}, text), element("p", {}, button));
}

async function readBookings() {
  const bookings = { all: [], hasMore: true };
  for (let page = 1; page <= bookingPages && bookings.hasMore; page += 1) {
    const path = `/api/my-bookings?page_size=${PAGE_SIZE}&page=${page}`;
    const { results, next } = await call("GET", path, { signedIn: true });
    bookings.all.push(...results);
    bookings.hasMore = next !== null;
  }
  return bookings;
}

async function readHolds() {
  const { results } = await call("GET", "/api/my-holds?page_size=100", { signedIn: true });
  return results.filter((hold) => hold.status === "ACTIVE");
}

async function readEntries() {
  const { results } = await call("GET", "/api/my-waiting-list?page_size=100", { signedIn: true });
  return results;
}

function fingerprint(holds, entries) {
  return [...holds, ...entries].map(({ id, status }) => `${id} ${status}`).join();
}

function sections(bookings, holds, entries) {
  const now = Date.now();
  const isUpcoming = ({ status, show }) => status === "BOOKED" && Date.parse(show.starts_at) > now;
  const upcoming = bookings.all.filter(isUpcoming).sort((a, b) => a.show.starts_at.localeCompare(b.show.starts_at));
  const past = bookings.all.filter((booking) => !isUpcoming(booking));
  const offers = holds.filter((hold) => hold.is_offer);
  const waiting = entries.filter(({ status }) => status !== "OFFERED");
  const note = zoneNote(...[...bookings.all, ...holds, ...entries].map(({ show }) => show.starts_at));
  return [
    element("p", { class: "print-only" }, texts.bookingsOf(user().username)),
    section(texts.offers, offers.map(offerCard), element("p", { class: "muted" }, texts.offerExplained)),
    section(texts.holds, holds.filter((hold) => !hold.is_offer).map(holdCard)),
    upcomingSection(bookings, upcoming),
    section(texts.waitingList, waiting.map(entryCard)),
    section(texts.past, past.map(pastBooking)),
    bookings.hasMore && element("p", { class: "actions" }, element("button", { type: "button", id: "more", onclick: showMore }, texts.more)),
    note && element("p", { class: "muted" }, note),
  ].filter(Boolean);
}

/** Return a section with a list of cards; null without any. */
function section(title, cards, introduction = null) {
  if (!cards.length) {
    return null;
  }
  const head = element("div", { class: "section-head" }, element("h2", {}, title));
  return element("section", { class: "screen-only" }, head, introduction, cardList(cards));
}

/** Return the section that is printed. */
function upcomingSection(bookings, upcoming) {
  const print = element("button", { type: "button", onclick: () => window.print() }, texts.print);
  const head = [element("h2", {}, texts.upcoming), upcoming.length > 0 && element("p", { class: "actions" }, print)];
  return element(
    "section",
    {},
    element("div", { class: "section-head" }, head),
    upcoming.length ? cardList(upcoming.map(bookingCard)) : nothingUpcoming(bookings),
  );
}

function cardList(cards) {
  return element("ul", { class: "cards" }, cards.map((card) => element("li", { class: "card" }, card)));
}

function nothingUpcoming(bookings) {
  const text = bookings.all.length ? texts.noUpcoming : texts.noBookings;
  return element("p", {}, `${text} `, element("a", { href: "/" }, shared.toProgramme));
}

function showMore() {
  bookingPages += 1;
  showPage();
}

function showFacts(show) {
  return [
    element("h3", {}, element("a", { href: `/shows/${show.id}` }, show.movie.title)),
    element("p", {}, dayAndClock(show.starts_at)),
  ];
}

/** Return what a booking and a hold have in common. */
function seatFacts({ show, seats }) {
  const text = texts.screenAndSeats(show.screen_name, namesOf(seats));
  return [showFacts(show), element("p", { class: "seats" }, text)];
}

function namesOf(seats) {
  return texts.seats(seats.map(({ label }) => label));
}

function bookingFacts(booking) {
  const reference = element("span", { class: "reference" }, booking.reference);
  return [seatFacts(booking), element("p", { class: "muted stub" }, `${texts.reference} `, reference)];
}

function bookingCard(booking) {
  return [bookingFacts(booking), actions(["cancel", booking.id, texts.cancel, () => cancel(booking)])];
}

function pastBooking(booking) {
  const state = booking.status === "CANCELLED" && element("p", { class: "badge" }, texts.cancelled);
  return [bookingFacts(booking), state];
}

function offerCard(hold) {
  return [
    seatFacts(hold),
    timeLeft(hold),
    actions(
      ["accept", hold.id, texts.accept, () => accept(hold), "primary"],
      ["decline", hold.id, texts.decline, () => decline(hold)],
    ),
  ];
}

function holdCard(hold) {
  const link = element("a", { href: `/shows/${hold.show.id}`, class: "button primary" }, texts.continueBooking);
  return [
    seatFacts(hold),
    timeLeft(hold),
    actions(link, ["release", hold.id, texts.giveBack, () => release(hold)]),
  ];
}

function entryCard(entry) {
  const isWaiting = entry.status === "WAITING";
  return [
    showFacts(entry.show),
    element("p", { class: "seats" }, texts.waitingFor(entry.count, entry.together)),
    element("p", { class: "muted" }, isWaiting ? texts.waiting : texts.ended[entry.status]),
    isWaiting && actions(["leave", entry.id, texts.leave, () => leave(entry)]),
  ];
}

function timeLeft(hold) {
  const text = element("p", { class: "time-left" });
  stopCountdowns.push(
    countDown(hold.expires_in, (left) => {
      text.textContent = texts.left(shared.clock(left));
      if (left === 0) {
        showPage();
      }
    }),
  );
  return text;
}

/** Return a line of links and of buttons, given as [name, id, text, onclick, class]. */
function actions(...given) {
  const buttons = given.map((one) => {
    if (one instanceof Node) {
      return one;
    }
    const [name, id, text, onclick, style = null] = one;
    return element("button", { type: "button", id: `${name}-${id}`, class: style, onclick }, text);
  });
  return element("p", { class: "actions" }, buttons);
}

async function cancel(booking) {
  const { movie, starts_at: start } = booking.show;
  const isConfirmed = await confirm({
    title: texts.cancelTitle,
    text: texts.cancelText(movie.title, dayAndClock(start), namesOf(booking.seats)),
    confirmLabel: texts.cancel,
    dismissLabel: texts.keepBooking,
  });
  if (isConfirmed) {
    const path = `/api/bookings/${booking.id}/cancel?show_id=${booking.show.id}`;
    await change("POST", path, texts.wasCancelled(movie.title));
  }
}

function accept(hold) {
  return change("POST", `/api/holds/${hold.id}/book`, texts.accepted(namesOf(hold.seats)));
}

async function decline(hold) {
  const isConfirmed = await confirm({
    title: texts.declineTitle,
    text: texts.declineText(hold.show.movie.title),
    confirmLabel: texts.decline,
    dismissLabel: texts.keepOffer,
  });
  if (isConfirmed) {
    await change("DELETE", `/api/holds/${hold.id}`, texts.declined);
  }
}

function release(hold) {
  return change("DELETE", `/api/holds/${hold.id}`, texts.givenBack);
}

async function leave(entry) {
  const isConfirmed = await confirm({
    title: texts.leaveTitle,
    text: texts.leaveText(entry.show.movie.title),
    confirmLabel: texts.leave,
    dismissLabel: texts.stay,
  });
  if (isConfirmed) {
    await change("DELETE", `/api/waiting-list/${entry.id}`, texts.wasLeft);
  }
}

/** Send a change, with the same key as long as its answer is unknown, and show what is now. */
async function change(method, path, done) {
  if (method === "POST" && !keys.has(path)) {
    keys.set(path, newKey());
  }
  try {
    await call(method, path, { key: keys.get(path), signedIn: true });
    keys.delete(path);
    await showPage();
    announce(done);
    content.prepend(element("p", { class: "success" }, done));
  } catch (problem) {
    if (problem.status > 0 && problem.status < 500) {
      keys.delete(path);
    }
    await showPage();
    content.prepend(notice(explanation(problem)));
  }
  window.scrollTo({ top: 0 });
}

/** Offers come, and other tabs and devices change things: look while the page is visible. */
async function look() {
  if (document.visibilityState === "visible" && isSignedIn() && shown) {
    const found = await Promise.all([readHolds(), readEntries()]).catch(() => null);
    if (found && fingerprint(...found) !== shown) {
      await showPage();
    }
  }
}

onChange(showPage);
document.addEventListener("visibilitychange", () => {
  if (document.visibilityState === "visible" && stopCountdowns.length) {
    showPage(); // the clocks may have stood still
  }
});
setInterval(look, LOOK_SECONDS * 1000);
showPage();
