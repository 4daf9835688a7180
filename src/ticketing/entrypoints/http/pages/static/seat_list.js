// The free seats as a list, by party size. One tab stop; the arrow keys move among the seats.

import { element } from "./dom.js";
import { isAccessible, runsOf } from "./seat_plan.js";
import { seatName, show as texts } from "./texts.js";

export class SeatList {
  #plan;
  #choose;
  #rows = new Map(); // by key, to keep what has not changed
  #current; // the seat that Tab reaches
  #parts = element("select", { "aria-label": texts.part });
  #list = element("div", { class: "seat-list-rows" });

  constructor(plan, choose, openPart) {
    this.#plan = plan;
    this.#choose = choose;
    this.element = element(
      "section",
      { class: "seat-list", "aria-labelledby": "seat-list-title" },
      element("h2", { id: "seat-list-title" }, texts.listTitle),
      plan.parts.length > 1 && this.#parts,
      this.#list,
      element("p", { class: "hint keys" }, texts.keys),
    );
    this.#parts.addEventListener("change", () => openPart(plan.parts[this.#parts.value]));
    this.#list.addEventListener("click", (event) => this.#clicked(event));
    this.#list.addEventListener("keydown", (event) => this.#pressed(event));
    this.#list.addEventListener("focusin", ({ target }) => this.#stopAt(target));
  }

  update({ part, count, isFree, chosen }) {
    this.#updateParts(part, count, isFree);
    const focused = this.#list.contains(document.activeElement) ? this.#current : null;
    const groups = groupsOf(part.rows, count, isFree).filter(({ rows }) => rows.length);
    const kept = this.#rows;
    this.#rows = new Map();
    const lists = groups.map(({ title, rows }) =>
      element("ul", { "aria-label": title }, rows.map(([row, runs]) => this.#row(kept, title, row, runs))),
    );
    this.#list.replaceChildren(
      ...groups.flatMap(({ title }, index) => [element("h3", { "aria-hidden": "true" }, title), lists[index]]),
    );
    if (!groups.length) {
      this.#list.append(element("p", {}, texts.nothingFreeHere));
    }
    for (const button of this.#buttons()) {
      button.setAttribute("aria-pressed", chosen.has(Number(button.dataset.number)));
    }
    const at = focused && this.#buttonOf(focused);
    at?.focus();
    this.#stopAt(at ?? this.#buttonOf(this.#current) ?? this.#buttons()[0]);
  }

  #row(kept, title, row, runs) {
    const numbers = runs.map((run) => run.map((seat) => seat.number));
    const key = `${title} ${row.key} ${JSON.stringify(numbers)}`;
    const node = kept.get(key) ?? this.#newRow(row, runs);
    this.#rows.set(key, node);
    return node;
  }

  #newRow(row, runs) {
    const kinds = new Set(row.seats.map(({ category }) => category));
    const isMixed = kinds.size > 1;
    const button = (seat) => seatButton(seat, this.#plan, isMixed);
    return element(
      "li",
      {},
      element(
        "span",
        { class: "row-title" },
        texts.row(row, this.#plan.hasSections),
        this.#plan.categories.length > 1 && !isMixed && element("small", {}, ...kinds),
      ),
      element("span", { class: "runs" }, runs.map((run) => element("span", { class: "run" }, run.map(button)))),
    );
  }

  #updateParts(part, count, isFree) {
    if (this.#plan.parts.length === 1) {
      return;
    }
    const fitting = element("optgroup", { label: texts.together(count) });
    const others = element("optgroup", { label: texts.fewer });
    for (const [index, each] of this.#plan.parts.entries()) {
      const runs = each.rows.flatMap((row) => runsOf(row, isFree));
      const longest = Math.max(0, ...runs.map((run) => run.length));
      const free = runs.reduce((sum, run) => sum + run.length, 0);
      const option = element("option", { value: index }, texts.partOption(each.name, free, longest));
      (longest >= count ? fitting : others).append(option);
    }
    this.#parts.replaceChildren(...[fitting, others].filter((group) => group.children.length));
    this.#parts.value = this.#plan.parts.indexOf(part);
  }

  #clicked({ target }) {
    const button = target.closest("[data-number]");
    if (button) {
      this.#choose(this.#plan.seat(button.dataset.number));
    }
  }

  #pressed(event) {
    const rows = [...this.#list.querySelectorAll("li")];
    const row = event.target.closest("li");
    const inRow = buttonsIn(row);
    const place = inRow.indexOf(event.target);
    const all = this.#buttons();
    const above = (step) => {
      const other = buttonsIn(rows[rows.indexOf(row) + step]);
      return other[Math.min(place, other.length - 1)];
    };
    const moves = {
      ArrowLeft: () => all[all.indexOf(event.target) - 1],
      ArrowRight: () => all[all.indexOf(event.target) + 1],
      ArrowUp: () => above(-1),
      ArrowDown: () => above(1),
      Home: () => inRow[0],
      End: () => inRow.at(-1),
    };
    if (moves[event.key]) {
      event.preventDefault();
      moves[event.key]()?.focus();
    }
  }

  #stopAt(button) {
    if (!button) {
      return;
    }
    for (const other of this.#list.querySelectorAll("[tabindex='0']")) {
      other.setAttribute("tabindex", -1);
    }
    button.setAttribute("tabindex", 0);
    this.#current = button.dataset.number;
  }

  #buttons() {
    return buttonsIn(this.#list);
  }

  #buttonOf(number) {
    return number && this.#list.querySelector(`[data-number="${number}"]`);
  }
}

/** Return titles with rows, each with runs of free seats: first those with `count` side by side. */
function groupsOf(rows, count, isFree) {
  const runs = rows.map((row) => [row, runsOf(row, isFree)]);
  const having = (isShown) =>
    runs.map(([row, all]) => [row, all.filter(isShown)]).filter(([, shown]) => shown.length);
  const accessible = rows
    .map((row) => [row, row.seats.filter((seat) => isAccessible(seat) && isFree(seat))])
    .filter(([, seats]) => seats.length);
  return [
    { title: texts.together(count), rows: having((run) => run.length >= count) },
    { title: texts.fewer, rows: having((run) => run.length < count) },
    { title: texts.accessible, rows: accessible.map(([row, seats]) => [row, [seats]]) },
  ];
}

function seatButton(seat, plan, withCategory) {
  const features = seat.features.map((feature) => texts.features[feature]);
  const marks = [...(withCategory ? [seat.category] : []), ...features].join(", ");
  return element(
    "button",
    {
      type: "button",
      class: "chip",
      tabindex: -1,
      "data-number": seat.number,
      "aria-label": seatName(seat, plan),
    },
    seat.name,
    marks && element("small", {}, marks),
  );
}

function buttonsIn(node) {
  return [...(node?.querySelectorAll("[data-number]") ?? [])];
}
