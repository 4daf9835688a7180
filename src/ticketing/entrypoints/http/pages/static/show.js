// The page of a show: choose seats, hold them, book them.

import { Choice } from "./choice.js";
import { ChoiceBar } from "./choice_bar.js";
import { bookedBefore, confirmation } from "./confirmation.js";
import { confirm, requireSession } from "./dialogs.js";
import { announce, element } from "./dom.js";
import { HoldCard } from "./hold.js";
import { watch } from "./live.js";
import { notice, problemNotice } from "./notices.js";
import { partySize } from "./party_size.js";
import { Pending } from "./pending.js";
import { refusalNotice } from "./refusals.js";
import { SeatList } from "./seat_list.js";
import { SeatMap } from "./seat_map.js";
import { isSignedIn, onChange } from "./session.js";
import { ShowState } from "./show_state.js";
import "./shell.js";
import { seatName, seatsName, shared, show as texts } from "./texts.js";
import { dayAndClock, loadCinema, zoneNote } from "./times.js";
import { entryCard, joinForm } from "./waiting_list.js";

const OFFER_POLL_MS = 5000;

const id = Number(location.pathname.split("/")[2]);
const choice = new Choice(id);
const pending = new Pending(id);
const state = new ShowState(id, choice);
const cards = new Map(); // of holds, by id

let list;
let map;
let part; // of the room, which list and map show
let booked = null; // the booking just made
let isJoining = false; // the customer asked for the form of the waiting list
let isSending = false;
let onReconnect = null;

const facts = element("div", { class: "facts" });
const notices = element("div");
const confirmed = element("div");
const holds = element("div");
const before = element("div");
const waiting = element("div");
const party = partySize(choice.count, setCount);
const room = element("div", { class: "room" });
const bar = new ChoiceBar({ hold: holdChosen, change: changeHold, best: holdBest, clear });
const content = document.getElementById("content");

async function start() {
  content.replaceChildren(facts, notices, confirmed, holds, before, waiting, party, room, bar.element);
  party.hidden = bar.element.hidden = true;
  try {
    await Promise.all([state.load(), loadCinema()]);
  } catch (problem) {
    tell(problemNotice(problem, start));
    return;
  }
  notices.replaceChildren();
  const { plan } = state;
  list = new SeatList(plan, toggle, openPart);
  map = new SeatMap(plan, toggle);
  room.replaceChildren(list.element, map.element);
  const first = plan.seat(choice.numbers[0] ?? 0) ?? plan.seats.find(state.isFree) ?? plan.seats[0];
  openPart(plan.partOf(first));
  if (!state.isOver) {
    watch(id, replaced, changed);
    setInterval(() => state.entry && !document.hidden && refresh(readOwn), OFFER_POLL_MS);
    perform(() => pending.resume());
  }
}

// ---- what the page shows ----

function isChoosing() {
  return !state.isOver && !booked && (!state.hasHold || state.changing !== undefined);
}

function render() {
  const { plan } = state;
  const isOpen = isChoosing() && (state.free > 0 || state.changing !== undefined);
  renderFacts();
  renderHolds();
  renderWaitingList();
  party.hidden = bar.element.hidden = list.element.hidden = !isOpen;
  room.hidden = state.show.status === "CANCELLED";
  room.classList.toggle("map-only", !isOpen);
  party.querySelector(`[value="${choice.count}"]`).checked = true;
  if (isOpen) {
    list.update({ part, count: choice.count, isFree: state.isFree, chosen: choice.seats });
    bar.update(choice, plan);
  }
  map.show(part);
  map.update(state.stateOf);
}

function renderFacts() {
  const { movie, starts_at: start, screen_name: screen, status } = state.show;
  const others = element("a", { class: "button", href: `/?movie=${movie.id}` }, texts.otherShows);
  const heading = document.querySelector("h1");
  document.title = document.title.replace(heading.textContent, movie.title);
  heading.textContent = movie.title;
  facts.replaceChildren(
    element("p", { class: "lead" }, texts.facts(dayAndClock(start), screen, movie.duration_minutes)),
    element("p", { class: "hint" }, zoneNote(start)),
    element("p", { class: `availability ${status}` }, texts.availability(status, state.free, state.plan.seats.length)),
    element("p", { class: "actions", hidden: !state.isOver }, others),
  );
}

/** Keep the cards of holds that are still there: one of their buttons may have the focus. */
function renderHolds() {
  for (const [hold, card] of cards) {
    if (booked || !state.holds.some((each) => each.id === hold)) {
      card.remove();
      cards.delete(hold);
    }
  }
  for (const hold of booked ? [] : state.holds) {
    const isNew = !cards.has(hold.id);
    if (isNew) {
      cards.set(hold.id, new HoldCard({ nameOf, actions: holdActions, onEnd: () => refresh() }));
      holds.append(cards.get(hold.id).element);
    }
    cards.get(hold.id).update(hold);
    if (isNew && hold.is_offer) {
      announce(cards.get(hold.id).text);
    }
  }
  const others = state.bookings.filter((booking) => booking.id !== booked?.id);
  before.replaceChildren(...bookedBefore(others, nameOf));
}

/** Keep a form that the customer may be filling in. */
function renderWaitingList() {
  const { entry, free, isOver } = state;
  const isForm = !entry && !isOver && !booked && !state.holds.length && (isJoining || free === 0);
  const shown = entry?.id ?? (isForm ? "form" : "");
  if (waiting.dataset.shown !== shown) {
    waiting.dataset.shown = shown;
    waiting.replaceChildren(
      ...(entry ? [entryCard(entry, leave)] : isForm ? [joinForm(choice.count, join)] : []),
    );
  }
}

function nameOf(seats) {
  return seatsName(seats.map(({ number }) => state.plan.seat(number)), state.plan);
}

function tell(node) {
  node.tabIndex = -1;
  notices.replaceChildren(node);
  node.focus();
}

function focusParty() {
  party.querySelector(":checked").focus();
}

// ---- what others do ----

function replaced(statuses) {
  state.replace(statuses);
  noticeLost();
  render();
}

function changed(statuses) {
  state.change(statuses);
  noticeLost();
  render();
}

/** Name the chosen seats that others have taken meanwhile. */
function noticeLost() {
  const lost = choice.numbers.filter((number) => !state.isFree({ number }));
  if (lost.length && !pending.isUnanswered) {
    const seats = lost.map((number) => state.plan.seat(number));
    choice.drop(lost);
    notices.replaceChildren(notice(texts.lost(nameOf(seats))));
  }
}

const readAll = () => state.load();
const readOwn = () => state.readOwn();

/** Read again what may have changed while the page slept, in another tab, or at the box office. */
async function refresh(read = readAll) {
  if (isSending || !map) {
    return;
  }
  try {
    await read();
    render();
  } catch (problem) {
    if (problem.code !== "session_ended") {
      onReconnect = () => refresh(); // what is shown stays; a hint is no guard
    }
  }
}

// ---- what the customer does ----

function setCount(count) {
  choice.set({ count });
  render();
}

function toggle(seat) {
  const seatState = state.stateOf(seat);
  if (isChoosing() && (seatState === "free" || seatState === "chosen")) {
    choice.toggle(seat, state.plan, state.isFree);
    render();
    announce(bar.text);
  } else {
    announce(`${seatName(seat, state.plan)}, ${texts.states[seatState]}`);
  }
}

function openPart(opened) {
  part = opened;
  render();
}

function clear() {
  choice.clear();
  render();
  focusParty();
}

function bookMore() {
  booked = null;
  confirmed.replaceChildren();
  render();
  focusParty();
}

function startChange(hold) {
  const seats = hold.seats.map(({ number }) => number);
  choice.set({ count: seats.length, seats, changes: hold.id });
  openPart(state.plan.partOf(state.plan.seat(seats[0])));
  focusParty();
}

function holdSeats(seats) {
  const book = () => request("POST", `/api/shows/${id}/book`, { seats });
  return request("POST", `/api/shows/${id}/holds`, { seats }, { book });
}

function holdChosen() {
  return holdSeats(choice.numbers);
}

function holdBest() {
  return request("POST", `/api/shows/${id}/holds`, { best_available: { count: choice.count } });
}

function changeHold() {
  return request("PATCH", `/api/holds/${choice.changes}`, { seats: choice.numbers });
}

const holdActions = {
  book: ({ id: hold }) => request("POST", `/api/holds/${hold}/book`),
  holdAgain: ({ seats }) => holdSeats(seats.map(({ number }) => number)),
  extend: ({ id: hold }) => request("POST", `/api/holds/${hold}/extend`),
  change: startChange,
  release: ({ id: hold }) => request("DELETE", `/api/holds/${hold}`),
  decline: async (hold) => (await confirm(texts.declining)) && holdActions.release(hold),
};

function join(given) {
  return request("POST", `/api/shows/${id}/waiting-list`, given);
}

async function leave(entry) {
  if (await confirm(texts.leaving)) {
    await request("DELETE", `/api/waiting-list/${entry.id}`);
  }
}

function request(method, path, body, ways) {
  return perform(() => pending.send(method, path, body), ways);
}

/** Send what the customer wants done. Show what came of it, or why not and what to do then. */
async function perform(send, ways = {}) {
  if (isSending) {
    return;
  }
  isSending = true;
  content.setAttribute("aria-busy", "true");
  onReconnect = null;
  try {
    const answer = await send();
    if (answer !== undefined) {
      await succeeded(answer);
    }
  } catch (problem) {
    await refused(problem, send, ways);
  } finally {
    isSending = false;
    content.removeAttribute("aria-busy");
  }
}

/** `answer` is a hold, a booking, an entry of the waiting list, or null where something ended. */
async function succeeded(answer) {
  choice.clear();
  isJoining = false;
  booked = answer?.reference ? answer : null;
  notices.replaceChildren();
  confirmed.replaceChildren(...(booked ? [confirmation(booked, nameOf, bookMore)] : []));
  try {
    await state.load();
  } catch (problem) {
    tell(problemNotice(problem, () => refresh())); // it was done all the same
    return;
  }
  render();
  const orphans = answer?.warnings?.flatMap((warning) => warning.orphans) ?? [];
  if (orphans.length) {
    notices.replaceChildren(notice(texts.leavesAlone(nameOf(state.plan.labelled(orphans)))));
  }
  focusResult(cards.get(answer?.id));
}

/** Lead the focus to what is new; leave it on a button that is still there. */
function focusResult(card) {
  const heading = (booked ? confirmed : waiting).querySelector("h2");
  if (card?.element.contains(document.activeElement) && document.activeElement.checkVisibility()) {
    announce(card.text);
  } else if (card) {
    card.focus();
  } else if (heading) {
    heading.focus();
  } else {
    focusParty();
  }
}

async function refused(problem, send, ways) {
  onReconnect = problem.code === "offline" ? () => perform(send, ways) : null;
  if (problem.status >= 400 && problem.status < 500) {
    await state.load().catch(() => {});
    choice.drop(choice.numbers.filter((number) => !state.isFree({ number })));
    render();
  }
  const page = {
    ...ways,
    count: choice.count,
    nameOf: (labels) => nameOf(state.plan.labelled(labels)),
    tryAgain: () => perform(send, ways),
    hold: (labels) => holdSeats(state.plan.labelled(labels).map(({ number }) => number)),
    holdBest,
    chooseFewer: focusParty,
    joinWaitingList,
  };
  tell(refusalNotice(problem, page));
}

function joinWaitingList() {
  isJoining = true;
  notices.replaceChildren();
  render();
  waiting.querySelector("h2")?.focus();
}

onChange(() => {
  if (isSending) {
    return; // the log-in that it needs
  }
  if (!isSignedIn() && state.hasHold) {
    tell(notice(texts.loggedOutWithHold, element("button", { type: "button", onclick: requireSession }, shared.logIn)));
  } else if (isSignedIn()) {
    notices.replaceChildren();
  }
  refresh();
});
document.addEventListener("visibilitychange", () => !document.hidden && refresh());
window.addEventListener("pageshow", ({ persisted }) => persisted && refresh());
window.addEventListener("online", () => onReconnect?.());

start();
