// Every text of the customers' pages that a script shows.

/** Return "1 seat" or "5 seats". */
export function counted(number, noun) {
  return `${number} ${number === 1 ? noun : `${noun}s`}`;
}

function seconds(number) {
  return number >= 90 ? counted(Math.ceil(number / 60), "minute") : counted(number, "second");
}

export const shared = {
  logIn: "Log in",
  logOut: "Log out",
  loggedIn: (username) => `You are logged in as ${username}.`,
  loggedOut: "You are logged out.",
  tryAgain: "Try again",
  close: "Close",
  keep: "Keep it",
  toProgramme: "See the programme",
  zone: (zone) => `All times are in the cinema’s time zone, ${zone}.`,
  minutesLeft: (minutes) => `${counted(minutes, "minute")} left.`,
  /** "9:05" */
  clock: (left) => `${Math.floor(left / 60)}:${String(left % 60).padStart(2, "0")}`,
  offlineBanner: "You are offline. What you see may be out of date.",
};

/** What a problem of the API means for a customer. */
export const problems = {
  offline: "The cinema cannot be reached. Check your connection and try again.",
  sessionEnded: "Your session has ended. Log in again to continue.",
  tooMany: (wait) =>
    wait ? `Too many requests. Try again in ${seconds(wait)}.` : "Too many requests. Try again shortly.",
  busy: (wait) =>
    wait > 1
      ? `The box office is very busy right now. Try again in ${seconds(wait)}.`
      : "The box office is very busy right now. Try again.",
  internal: "Something went wrong on our side. Try again later.",
  wrongPassword: "The name or the password is not right.",
};

export const dialogs = {
  logInTitle: "Log in",
  signUpTitle: "Create an account",
  name: "Username or email address",
  username: "Username",
  usernameHint: "Letters, digits, dots, underscores and hyphens.",
  email: "Email address (optional)",
  emailHint: "For messages about your bookings, and if you forget your password.",
  password: "Password",
  passwordHint: "Several unrelated words make a good password.",
  forgotten: "Forgot your password?",
  logIn: "Log in",
  signUp: "Create account",
  toSignUp: "Create an account",
  toLogIn: "I have an account",
  newHere: "New here?",
  accountExists: "Your account was created. Log in to continue.",
};

export const programme = {
  days: "Days",
  today: "Today",
  tomorrow: "Tomorrow",
  earlier: "Earlier days",
  later: "Later days",
  minutes: (minutes) => `${minutes} min`,
  free: (number, total) => `${number} of ${total} free`,
  fewLeft: (number) => `${counted(number, "seat")} left`,
  held: "All seats are held at the moment",
  soldOut: "Sold out",
  waitingList: "Sold out, with a waiting list",
  closed: "Sales have ended",
  cancelled: "Cancelled",
  nothing: (day) => `No shows on ${day}.`,
  next: (day) => `Next shows: ${day}`,
  nothingPlanned: "No shows are planned from this day on.",
  toToday: "See today’s shows",
  noMoreOfMovie: "No further shows of this movie are planned.",
  unknownMovie: "This movie does not exist.",
  more: "More shows",
  allDays: "All movies",
};

export const account = {
  loggedOut: "Log in to see your bookings, your waiting list and your offers.",
  bookingsOf: (username) => `Bookings of ${username}`,
  offers: "Offers",
  offerExplained: "These seats are yours if you accept in time. Otherwise they go to the next on the waiting list.",
  accept: "Accept and book",
  decline: "Decline",
  accepted: (seats) => `Booked: ${seats}.`,
  declined: "The offer was declined.",
  declineTitle: "Decline this offer?",
  declineText: (movie) => `The seats for ${movie} go to the next on the waiting list, and you leave it.`,
  keepOffer: "Keep the offer",
  offerOver: "This offer has ended.",
  left: (clock) => `${clock} left`,
  holds: "Held for you",
  continueBooking: "Continue booking",
  giveBack: "Give the seats back",
  givenBack: "The seats were given back.",
  holdOver: "No longer held.",
  upcoming: "Upcoming",
  past: "Past and cancelled",
  noBookings: "You have no bookings yet.",
  noUpcoming: "You have no upcoming bookings.",
  more: "More bookings",
  print: "Print",
  reference: "Booking",
  screenAndSeats: (screen, seats) => `${screen} · ${seats}`,
  seats: (labels) => `${labels.length === 1 ? "Seat" : "Seats"} ${labels.join(", ")}`,
  cancel: "Cancel booking",
  cancelTitle: "Cancel this booking?",
  cancelText: (movie, time, seats) => `${movie}, ${time}, ${seats}. Your seats become free for others at once.`,
  keepBooking: "Keep the booking",
  cancelled: "Cancelled",
  wasCancelled: (movie) => `Your booking for ${movie} was cancelled.`,
  waitingList: "Waiting list",
  waitingFor: (count, together) =>
    count === 1 ? "1 seat" : `${count} seats${together ? " side by side" : ""}`,
  waiting: "Waiting. An offer appears here, and we email you if we know your address.",
  ended: {
    ACCEPTED: "You accepted the offer.",
    DECLINED: "You left the waiting list.",
    EXPIRED: "The offer expired.",
    CLOSED: "The waiting list has closed.",
  },
  leave: "Leave the waiting list",
  leaveTitle: "Leave the waiting list?",
  leaveText: (movie) => `You give up your place in the waiting list for ${movie}.`,
  stay: "Keep my place",
  wasLeft: "You left the waiting list.",
};

/** The page of a show. */
export const show = {
  facts: (time, screen, minutes) => `${time} · ${screen} · ${minutes} min`,
  availability: (status, free, total) =>
    ({ CLOSED: "Sales for this show have ended.", CANCELLED: "This show was cancelled." })[status] ??
    (free ? `${free} of ${total} seats are free` : "All seats are sold or held at the moment."),
  otherShows: "Other shows of this movie",
  partySize: "How many seats?",
  listTitle: "Free seats",
  part: "Part of the room",
  partOption: (name, free, longest) =>
    free ? `${name}: ${free} free, up to ${longest} side by side` : `${name}: none free`,
  together: (count) => (count === 1 ? "Any seat" : `${count} or more side by side`),
  fewer: "Fewer side by side",
  accessible: "Wheelchair spaces and companion seats",
  nothingFreeHere: "No seats are free here.",
  keys: "Move with the arrow keys, choose with Enter.",
  row: ({ section, name }, hasSections) => (hasSections ? `${section}, row ${name}` : `Row ${name}`),
  features: {
    wheelchair_space: "wheelchair space",
    companion: "companion seat",
    restricted_view: "restricted view",
    transfer_seat: "armrest lifts up",
    out_of_order: "out of order",
  },
  states: {
    free: "free",
    chosen: "chosen",
    mine: "yours",
    held: "held by someone",
    taken: "taken",
    blocked: "not for sale",
  },
  mapTitle: "Map of the room",
  smaller: "Smaller",
  larger: "Larger",
  stage: "Screen",
  legend: "Legend",
  choice: "Your choice",
  chosen: (seats, missing) => {
    if (!seats) {
      return `Choose ${counted(missing, "seat")} in the list or on the map.`;
    }
    return missing > 0 ? `${seats}. Choose ${missing} more.` : seats;
  },
  hold: (count) => `Hold ${counted(count, "seat")}`,
  best: (count) => (count === 1 ? "Hold the best seat" : `Hold the best ${count} seats`),
  change: "Change to these seats",
  keepSeats: "Keep my seats",
  clear: "Clear",
  lost: (seats) => `Taken by others just now: ${seats}.`,
  held: {
    title: "Held for you",
    text: "Book before the time is over.",
    buttons: { book: "Book these seats", extend: "More time", change: "Change seats", release: "Give back" },
  },
  offer: {
    title: "Offered to you",
    text: "These seats are yours if you accept in time. Otherwise they go to the next on the waiting list.",
    buttons: { book: "Accept and book", decline: "Decline" },
  },
  expired: {
    title: "No longer held for you",
    text: "The time is over, but the seats are still free.",
    buttons: { book: "Book these seats", holdAgain: "Hold them again", release: "Choose others" },
  },
  apart: "They are not all side by side.",
  leavesAlone: (seats) => `Your choice leaves a single seat alone: ${seats}.`,
  left: (clock) => `${clock} left.`,
  declining: {
    title: "Decline this offer?",
    text: "The seats go to the next on the waiting list, and you leave it.",
    confirmLabel: "Decline",
    dismissLabel: "Keep the offer",
  },
  booked: "Booked",
  bookedText: "Show the reference at the entrance.",
  reference: "Reference",
  movie: "Movie",
  time: "Time",
  screen: "Screen",
  seats: "Seats",
  print: "Print",
  account: "My bookings",
  bookMore: "Book more seats",
  bookedBefore: (seats, reference) => `You have booked: ${seats} (${reference}).`,
  loggedOutWithHold: "You are logged out. Log in to see the seats that are held for you.",
  joinTitle: "Waiting list",
  joinText: "Seats come back when others cancel. Join the waiting list, and we offer them to you in turn.",
  joinCount: "How many seats?",
  joinTogether: "Only seats side by side",
  join: "Join the waiting list",
  waitingTitle: "You are on the waiting list",
  waiting: ({ count, together }, since) =>
    `For ${counted(count, "seat")}${together && count > 1 ? " side by side" : ""}, since ${since}. ` +
    "An offer appears here, and we email you if we know your address.",
  leave: "Leave the waiting list",
  leaving: {
    title: "Leave the waiting list?",
    text: "You give up your place.",
    confirmLabel: "Leave the waiting list",
    dismissLabel: "Keep my place",
  },
};

/** Return "Row C, seat 5, premium". */
export function seatName({ section, row, name, category, features }, { hasSections, categories }) {
  const place = show.row({ section, name: row }, hasSections);
  const kind = categories.length > 1 ? [category] : [];
  return [`${place}, seat ${name}`, ...kind, ...features.map((each) => show.features[each])].join(", ");
}

/** Return "Row C, seats 5 and 6; row D, seat 1". */
export function seatsName(seats, { hasSections }) {
  const rows = Map.groupBy(seats, ({ section, row }) => show.row({ section, name: row }, hasSections));
  const names = [...rows].map(([row, those]) => {
    const list = new Intl.ListFormat("en-GB").format(those.map(({ name }) => name));
    return `${row}, ${those.length === 1 ? "seat" : "seats"} ${list}`;
  });
  return names.join("; ");
}

/** Why the box office refuses seats, and the buttons that lead on. */
export const refusals = {
  taken: (seats) => `Sold meanwhile: ${seats}.`,
  held: (seats) => `Held by someone else at the moment: ${seats}.`,
  companion: (seats) => `Kept for those who come with a wheelchair user: ${seats}.`,
  holdLost: (seats) => `Your time was over, and others took ${seats}.`,
  holdExpired: "The time for these seats is over.",
  holdReleased: "These seats were given back.",
  holdBooked: "You have booked these seats already.",
  noSeats: (count, { available, largest_block: longest }) =>
    available < count
      ? `There are not ${count} free seats: ${available} left.`
      : `There are no ${count} seats side by side: ${longest} at most.`,
  full: "All seats are sold.",
  limit: (limit, held) => `You can have ${counted(limit, "seat")} for this show, and have ${held} already.`,
  holdAtLimit: (wait) =>
    wait ? `You can hold seats of this show again in ${seconds(wait)}.` : "These seats cannot be held any longer.",
  orphans: (seats) => `Your choice would leave a single seat alone: ${seats}.`,
  closed: "Sales for this show have ended.",
  seatsAvailable: "Such seats are free now.",
  alreadyWaiting: "You are on the waiting list already.",
  best: show.best,
  instead: (seats) => `Take instead: ${seats}`,
  bookNow: "Book without holding",
  chooseFewer: "Choose fewer seats",
  joinWaitingList: "Join the waiting list",
  programme: "See the programme",
  account: "My bookings",
};
