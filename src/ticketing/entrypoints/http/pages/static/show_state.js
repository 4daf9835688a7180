// What the box office knows: the show, the state of its seats, and what the customer has of them.

import { call } from "./api.js";
import { SeatPlan } from "./seat_plan.js";
import { isSignedIn } from "./session.js";

const NOTHING = { holds: [], bookings: [], entry: null };

export class ShowState {
  constructor(id, choice) {
    this.id = id;
    this.choice = choice;
    this.statuses = {}; // of the seats that are not available, by number
    Object.assign(this, NOTHING);
  }

  /** Throws Problem. */
  async load() {
    this.show = await call("GET", `/api/shows/${this.id}`);
    const planId = this.show.plan_id;
    if (this.plan && this.plan.id !== planId) {
      location.reload(); // the staff changed the room
    }
    this.plan ??= new SeatPlan(await call("GET", `/api/plans/${planId}`));
    this.choice.usePlan(planId);
    await this.read();
  }

  /** Read what changes. The map is asked for without a token, so that one ETag serves everybody. */
  async read() {
    const [map] = await Promise.all([call("GET", `/api/shows/${this.id}/seats`), this.readOwn()]);
    this.replace(Object.fromEntries(map.seats.map(({ number, status }) => [number, status])));
  }

  async readOwn() {
    Object.assign(this, isSignedIn() ? await ownOf(this.id) : NOTHING);
  }

  replace(statuses) {
    this.statuses = {};
    this.change(statuses);
  }

  change(statuses) {
    for (const [number, status] of Object.entries(statuses)) {
      if (status === "AVAILABLE") {
        delete this.statuses[number];
      } else {
        this.statuses[number] = status;
      }
    }
  }

  get hasHold() {
    return this.holds.some(({ status }) => status === "ACTIVE");
  }

  get isOver() {
    return this.show.status === "CLOSED" || this.show.status === "CANCELLED";
  }

  get free() {
    return this.plan.seats.length - Object.keys(this.statuses).length;
  }

  /** Return the hold whose seats the customer is changing, if it still lives. */
  get changing() {
    return this.holds.find(({ id, status }) => id === this.choice.changes && status === "ACTIVE");
  }

  /** Return whether the customer may choose the seat, as far as we know. */
  isFree = ({ number }) => !this.statuses[number] || has(this.changing, number);

  /** Return what the map shows: "free", "chosen", "mine", "held", "blocked" or "taken". */
  stateOf = (seat) => {
    const { number } = seat;
    if (this.choice.seats.has(number)) {
      return "chosen";
    }
    if (this.isFree(seat)) {
      return "free";
    }
    const live = this.holds.filter(({ status }) => status === "ACTIVE");
    if ([...live, ...this.bookings].some((owned) => has(owned, number))) {
      return "mine";
    }
    return { HELD: "held", BLOCKED: "blocked" }[this.statuses[number]] ?? "taken";
  };
}

async function ownOf(showId) {
  const results = async (path) => (await call("GET", path, { signedIn: true })).results;
  const [holds, bookings, entries] = await Promise.all([
    results(`/api/my-holds?show_id=${showId}`),
    results("/api/my-bookings?status=BOOKED&page_size=100"),
    results(`/api/my-waiting-list?show_id=${showId}`),
  ]);
  return {
    holds,
    bookings: bookings.filter(({ show }) => show.id === showId),
    entry: entries.find(({ status }) => status === "WAITING") ?? null,
  };
}

function has(owned, number) {
  return Boolean(owned?.seats.some((seat) => seat.number === number));
}
