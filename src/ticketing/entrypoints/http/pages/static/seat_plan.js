// A room: its rows, which seats are neighbours, and in which parts a large one is shown.

// More seats than this are not drawn at once, so a stadium is as quick as a cinema.
const MAX_DRAWN_SEATS = 2000;
const NEIGHBOUR_DISTANCE = 1.5; // of the usual distance in the row, as the box office has it
const USUAL_PITCH = 25;

export class SeatPlan {
  constructor(plan) {
    this.id = plan.id;
    this.stage = plan.stage;
    this.seats = plan.seats;
    this.categories = plan.categories.map(({ name }) => name);
    this.hasSections = plan.sections.length > 1;
    this.rows = rowsOf(plan.seats);
    this.pitch = pitchOf(this.rows);
    this.parts = partsOf(this.rows);
    this.rowOf = new Map(this.rows.flatMap((row) => row.seats.map((seat) => [seat, row])));
  }

  seat(number) {
    return this.seats[number - 1];
  }

  /** Return the seats that the box office names by these labels. */
  labelled(labels) {
    return this.seats.filter(({ label }) => labels.includes(label));
  }

  partOf(seat) {
    return this.parts.find((part) => part.rows.includes(this.rowOf.get(seat)));
  }

  /** Return what a click on a free seat chooses: `count` free seats side by side, if there are. */
  placeAt(seat, count, isFree) {
    if (isAccessible(seat)) {
      const companions = this.seats.filter((other) => other.companion_of.includes(seat.number));
      return [seat, ...companions.filter(isFree)].slice(0, count);
    }
    const run = runsOf(this.rowOf.get(seat), isFree).find((seats) => seats.includes(seat));
    const first = Math.max(0, Math.min(run.indexOf(seat), run.length - count));
    return run.slice(first, first + count);
  }
}

/** Return whether the seat is kept for wheelchair users and those who come with them. */
export function isAccessible({ features }) {
  return features.includes("wheelchair_space") || features.includes("companion");
}

/** Return the free seats of a row in runs of neighbours, without wheelchair spaces and the like. */
export function runsOf(row, isFree) {
  const runs = [];
  for (const block of row.blocks) {
    let run = [];
    for (const seat of block) {
      if (isFree(seat) && !isAccessible(seat)) run.push(seat);
      else if (run.length) {
        runs.push(run);
        run = [];
      }
    }
    if (run.length) runs.push(run);
  }
  return runs;
}

/** Return the nearest seat in a direction, [x, y], or undefined. */
export function neighbourOf(seat, [x, y], seats) {
  let nearest;
  let least = Infinity;
  for (const other of seats) {
    const along = (other.x - seat.x) * x + (other.y - seat.y) * y;
    const across = Math.abs((other.x - seat.x) * y - (other.y - seat.y) * x);
    const cost = along + 2 * across;
    if (along > 0.5 * across && along > 0 && cost < least) [nearest, least] = [other, cost];
  }
  return nearest;
}

function rowsOf(seats) {
  const rows = [];
  let row;
  for (const seat of seats) {
    if (row?.name !== seat.row || row.section !== seat.section) {
      row = { section: seat.section, name: seat.row, key: `${seat.section} ${seat.row}`, seats: [] };
      rows.push(row);
    }
    row.seats.push(seat);
  }
  for (const row of rows) row.blocks = blocksOf(row.seats);
  return rows;
}

function blocksOf(seats) {
  const distances = seats.slice(1).map((seat, index) => distance(seats[index], seat));
  const usual = distances.toSorted((a, b) => a - b)[(distances.length - 1) >> 1];
  const blocks = [[seats[0]]];
  distances.forEach((between, index) => {
    if (between > NEIGHBOUR_DISTANCE * usual) blocks.push([]);
    blocks.at(-1).push(seats[index + 1]);
  });
  return blocks;
}

/** Return the size of a seat's place, as the box office's own drawings have it. */
function pitchOf(rows) {
  const distances = rows
    .flatMap((row) => row.blocks)
    .flatMap((block) => block.slice(1).map((seat, index) => distance(block[index], seat)))
    .sort((a, b) => a - b);
  if (!distances.length) return USUAL_PITCH;
  return Math.max(distances[0], distances[distances.length >> 1] / 2);
}

/** Return a room as one part, or its sections; sections larger than a part are divided by rows. */
function partsOf(rows) {
  const count = rows.reduce((total, { seats }) => total + seats.length, 0);
  if (count <= MAX_DRAWN_SEATS) return [{ name: "", rows }];
  const parts = [];
  let part;
  for (const row of rows) {
    const isFull = part && part.size + row.seats.length > MAX_DRAWN_SEATS;
    if (part?.section !== row.section || isFull) {
      part = { section: row.section, name: row.section, rows: [], size: 0 };
      parts.push(part);
    }
    part.rows.push(row);
    part.size += row.seats.length;
  }
  for (const part of parts) {
    const { section, rows } = part;
    const isDivided = parts.some((other) => other !== part && other.section === section);
    if (isDivided) part.name = `${section}, ${rows[0].name} – ${rows.at(-1).name}`;
  }
  return parts;
}

function distance(a, b) {
  return Math.hypot(a.x - b.x, a.y - b.y);
}
