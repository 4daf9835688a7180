// The drawn map of a part of the room. One tab stop; the arrow keys move to the seat beside.

import { element, svg } from "./dom.js";
import { neighbourOf } from "./seat_plan.js";
import { seatName, show as texts } from "./texts.js";

const LEAST_PIXELS = 24; // what a finger hits
const USUAL_PIXELS = 40;
const MOST_PIXELS = 72;
const ZOOM = 1.25;
const MARGIN = 1.3; // seats
const DIRECTIONS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };

// Drawn in a square from -0.5 to 0.5. A state is a mark, a category a shape, a feature a corner.
const MARKS = {
  chosen: "M-.2.02-.06.17.22-.16",
  mine: "M0-.22a.1.1 0 1 0 .01 0zM-.2.24a.2.2 0 0 1 .4 0z",
  held: "M0-.18V.02H.14",
  taken: "M-.15-.15.15.15M.15-.15-.15.15",
  blocked: "M-.16 0H.16",
};
const CORNERS = [0.14, 0.42, 0.02];
const FEATURES = {
  restricted_view: "M-.42-.42h.24l-.24.24z",
  companion: "M.42-.42h-.24l.24.24z",
  transfer_seat: "M.42.42h-.24l.24-.24z",
};
const WHEELCHAIR =
  "M-.07-.3a.05.05 0 1 0 .01 0zM-.06-.16V.08H.12L.2.26M-.06-.06H.1M-.12-.04A.17.17 0 1 0 .1.18";

export class SeatMap {
  #plan;
  #part;
  #choose;
  #seats = []; // of the part that is drawn
  #drawn = new Map(); // by number: {node, mark, state}
  #current; // the number of the seat that Tab reaches
  #pixels = null; // chosen with the zoom buttons
  #svg = svg("svg", { role: "application", "aria-label": texts.mapTitle });
  #scroll = element("div", { class: "map-scroll" }, this.#svg);
  #pointed = element("p", { class: "pointed", "aria-hidden": "true" });
  #width = 0; // of the drawing, in seats
  #height = 0;

  constructor(plan, choose) {
    this.#plan = plan;
    this.#choose = choose;
    this.element = element(
      "section",
      { class: "map", "aria-labelledby": "seat-map-title" },
      element(
        "div",
        { class: "map-head" },
        element("h2", { id: "seat-map-title" }, texts.mapTitle),
        this.#zoomButton("−", texts.smaller, 1 / ZOOM),
        this.#zoomButton("+", texts.larger, ZOOM),
      ),
      this.#scroll,
      this.#pointed,
      legend(plan),
    );
    this.#svg.addEventListener("click", (event) => this.#clicked(event));
    this.#svg.addEventListener("keydown", (event) => this.#pressed(event));
    this.#svg.addEventListener("pointerover", (event) => this.#point(numberOf(event)));
    // Not on the drawing itself, which would become a tab stop in Chromium.
    this.#scroll.addEventListener("focusin", (event) => this.#focused(numberOf(event)));
    new ResizeObserver(() => this.#resize()).observe(this.#scroll);
  }

  /** Draw a part of the room, unless it is drawn already. */
  show(part) {
    if (part === this.#part) return;
    this.#part = part;
    this.#seats = part.rows.flatMap((row) => row.seats);
    this.#drawn.clear();
    const { pitch, stage } = this.#plan;
    const [left, right] = extent(this.#seats.map(({ x }) => x / pitch));
    const [top, bottom] = extent(this.#seats.map(({ y }) => y / pitch));
    const ahead = { top: [0, -1, 0, 0], right: [0, 0, 1, 0], bottom: [0, 0, 0, 1], left: [-1, 0, 0, 0] };
    const [x1, y1, x2, y2] = ahead[stage];
    [this.#width, this.#height] = [right - left + x2 - x1, bottom - top + y2 - y1];
    this.#svg.setAttribute("viewBox", [left + x1, top + y1, this.#width, this.#height].join(" "));
    const at = ({ x, y }) => [x / pitch, y / pitch];
    this.#svg.replaceChildren(
      stageOf(stage, [left, right], [top, bottom]),
      ...part.rows.map((row) => rowName(row, at)),
      ...this.#seats.map((seat) => this.#draw(seat, at(seat))),
    );
    this.#current = this.#seats[0].number;
    this.#resize();
    this.#scroll.scrollLeft = (this.#scroll.scrollWidth - this.#scroll.clientWidth) / 2;
  }

  /** Show the state of each seat: `stateOf(seat)` is free, chosen, mine, held, taken, blocked. */
  update(stateOf) {
    for (const seat of this.#seats) {
      const drawn = this.#drawn.get(seat.number);
      const state = stateOf(seat);
      if (state === drawn.state) continue;
      drawn.state = state;
      const isFree = state === "free" || state === "chosen";
      drawn.node.setAttribute("class", `seat ${state}`);
      drawn.node.setAttribute("aria-label", `${seatName(seat, this.#plan)}, ${texts.states[state]}`);
      drawn.node.setAttribute("aria-pressed", state === "chosen");
      drawn.node.setAttribute("aria-disabled", !isFree);
      drawn.mark?.remove();
      drawn.mark = markOf(seat, state);
      drawn.node.append(...(drawn.mark ? [drawn.mark] : []));
    }
    const chosen = this.#seats.find((seat) => stateOf(seat) === "chosen");
    if (chosen && !this.#svg.contains(document.activeElement)) this.#stopAt(chosen.number);
    else this.#stopAt(this.#current);
  }

  #draw(seat, [x, y]) {
    const node = svg(
      "g",
      { role: "button", tabindex: -1, "data-number": seat.number, transform: `translate(${x} ${y})` },
      svg("rect", { class: "target", x: -0.5, y: -0.5, width: 1, height: 1 }),
      shape(this.#plan.categories.indexOf(seat.category)),
      ...corners(seat.features),
      isWheelchair(seat) ? null : svg("text", { y: 0.12 }, seat.name),
    );
    this.#drawn.set(seat.number, { node });
    return node;
  }

  #clicked(event) {
    const number = numberOf(event);
    if (!number) return;
    this.#drawn.get(number).node.focus({ preventScroll: true });
    this.#choose(this.#plan.seat(number));
  }

  #pressed(event) {
    const seat = this.#plan.seat(this.#current);
    const next = DIRECTIONS[event.key] && neighbourOf(seat, DIRECTIONS[event.key], this.#seats);
    if (next) this.#drawn.get(next.number).node.focus();
    else if (event.key === "Enter" || event.key === " ") this.#choose(seat);
    else if (!DIRECTIONS[event.key]) return;
    event.preventDefault();
  }

  #focused(number) {
    if (!number) return;
    this.#stopAt(number);
    this.#point(number);
    this.#drawn.get(number).node.scrollIntoView({ block: "nearest", inline: "nearest" });
  }

  #stopAt(number) {
    this.#drawn.get(this.#current)?.node.setAttribute("tabindex", -1);
    this.#drawn.get(number).node.setAttribute("tabindex", 0);
    this.#current = number;
  }

  #point(number) {
    if (number) this.#pointed.textContent = this.#drawn.get(number).node.getAttribute("aria-label");
  }

  #zoomButton(sign, label, factor) {
    const onclick = () => {
      this.#pixels = this.#size() * factor;
      this.#resize();
    };
    return element("button", { type: "button", class: "zoom", "aria-label": label, onclick }, sign);
  }

  #size() {
    const { clientWidth } = this.#scroll;
    const whole = Math.min(clientWidth / this.#width, (window.innerHeight * 0.6) / this.#height);
    const usual = Math.min(Math.max(whole, LEAST_PIXELS), USUAL_PIXELS);
    return Math.min(Math.max(this.#pixels ?? usual, Math.min(whole, LEAST_PIXELS)), MOST_PIXELS);
  }

  #resize() {
    const { scrollLeft, clientWidth, scrollWidth } = this.#scroll;
    const middle = (scrollLeft + clientWidth / 2) / scrollWidth;
    this.#svg.setAttribute("width", this.#size() * this.#width);
    this.#scroll.scrollLeft = middle * this.#scroll.scrollWidth - clientWidth / 2;
  }
}

function numberOf(event) {
  return Number(event.target.closest("[data-number]")?.dataset.number);
}

function isWheelchair({ features }) {
  return features.includes("wheelchair_space");
}

function markOf(seat, state) {
  const d = MARKS[state] ?? (isWheelchair(seat) ? WHEELCHAIR : null);
  return d && svg("path", { class: "mark", d });
}

function extent(values) {
  const least = values.reduce((a, b) => Math.min(a, b));
  const most = values.reduce((a, b) => Math.max(a, b));
  return [least - MARGIN, most + MARGIN];
}

function shape(category) {
  const rx = CORNERS[category % CORNERS.length];
  return svg("rect", { class: "shape", x: -0.42, y: -0.42, width: 0.84, height: 0.84, rx });
}

function corners(features) {
  return features
    .filter((feature) => FEATURES[feature])
    .map((feature) => svg("path", { class: "corner", d: FEATURES[feature] }));
}

/** Write a row's name before its first seat, in the row's direction. */
function rowName({ name, seats }, at) {
  const [x, y] = at(seats[0]);
  const [nextX, nextY] = seats.length > 1 ? at(seats[1]) : [x + 1, y];
  const length = Math.hypot(x - nextX, y - nextY) || 1;
  const place = { x: x + (x - nextX) / length, y: y + (y - nextY) / length + 0.12 };
  return svg("text", { class: "row-name", "aria-hidden": "true", ...place }, name);
}

/** Draw the screen at the side where it is. */
function stageOf(side, [left, right], [top, bottom]) {
  const isLevel = side === "top" || side === "bottom";
  const [length, depth] = isLevel ? [right - left, bottom - top] : [bottom - top, right - left];
  const turn = { top: 0, right: 90, bottom: 180, left: 270 }[side];
  const middle = `translate(${(left + right) / 2} ${(top + bottom) / 2}) rotate(${turn})`;
  return svg(
    "g",
    { class: "stage", transform: `${middle} translate(0 ${-depth / 2})`, "aria-hidden": "true" },
    svg("path", { d: `M${-length * 0.4} 0Q0-.8 ${length * 0.4} 0` }),
    svg("text", { y: 0.25, transform: turn === 180 ? "rotate(180 0 .15)" : "" }, texts.stage),
  );
}

/** Explain the marks, and the shapes and corners that the plan has. */
function legend({ categories, seats }) {
  const states = ["free", "chosen", "mine", "held", "taken", "blocked"];
  const features = new Set(seats.flatMap((seat) => seat.features));
  return element(
    "ul",
    { class: "legend", "aria-label": texts.legend },
    ...states.map((state) => entry(state, [shape(0), svg("path", { class: "mark", d: MARKS[state] ?? "" })], texts.states[state])),
    ...(categories.length > 1 ? categories : []).map((name, index) => entry("free", [shape(index)], name)),
    ...[...features].filter((feature) => FEATURES[feature]).map((feature) => entry("free", [shape(0), ...corners([feature])], texts.features[feature])),
    ...(features.has("wheelchair_space") ? [entry("free", [shape(0), svg("path", { class: "mark", d: WHEELCHAIR })], texts.features.wheelchair_space)] : []),
  );
}

function entry(state, drawn, text) {
  const picture = svg("svg", { viewBox: "-.5 -.5 1 1", width: 22, height: 22, "aria-hidden": "true" }, svg("g", { class: `seat ${state}` }, ...drawn));
  return element("li", {}, picture, text);
}
