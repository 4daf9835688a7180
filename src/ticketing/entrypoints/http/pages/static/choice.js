// What the customer has chosen and not held yet. It survives log-in, a reload and Back.

import { ofTab } from "./browser_storage.js";

export const MAX_SEATS = 10;

export class Choice {
  #name;
  #plan;

  constructor(showId) {
    this.#name = `ticketing.choice.${showId}`;
    const kept = ofTab.get(this.#name) ?? {};
    this.count = kept.count ?? 2;
    this.seats = new Set(kept.seats);
    this.changes = kept.changes ?? null; // the id of the hold that is to have these seats
    this.#plan = kept.plan;
  }

  /** Seats of another plan are not chosen: their numbers may mean other places now. */
  usePlan(id) {
    const isOther = this.#plan !== id;
    this.#plan = id;
    if (isOther) {
      this.clear();
    }
  }

  get isComplete() {
    return this.seats.size >= this.count;
  }

  get numbers() {
    return [...this.seats].sort((a, b) => a - b);
  }

  set({ count = this.count, seats = this.seats, changes = this.changes }) {
    this.count = Math.min(Math.max(count, 1), MAX_SEATS);
    this.seats = new Set([...seats].slice(0, this.count));
    this.changes = changes;
    ofTab.set(this.#name, { count: this.count, seats: this.numbers, changes, plan: this.#plan });
  }

  clear() {
    this.set({ seats: [], changes: null });
  }

  /** Give a seat up or choose it: with its neighbours, unless only some seats are missing. */
  toggle(seat, plan, isFree) {
    const { number } = seat;
    if (this.seats.has(number)) {
      this.drop([number]);
    } else if (this.seats.size && !this.isComplete) {
      this.set({ seats: [...this.seats, number] });
    } else {
      this.set({ seats: plan.placeAt(seat, this.count, isFree).map((each) => each.number) });
    }
  }

  drop(numbers) {
    this.set({ seats: [...this.seats].filter((number) => !numbers.includes(number)) });
  }
}
