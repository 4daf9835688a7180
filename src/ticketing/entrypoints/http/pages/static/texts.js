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
  loading: "Loading…",
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
  usernameHint: "3 to 150 letters, digits, dots, underscores or hyphens.",
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
  free: (number) => `${number} free`,
  fewLeft: (number) => `${counted(number, "seat")} left`,
  held: "All seats are held at the moment",
  soldOut: "Sold out",
  waitingList: "Sold out, join the waiting list",
  closed: "Sales have ended",
  cancelled: "Cancelled",
  nothing: (day) => `No shows on ${day}.`,
  next: (day) => `Next shows: ${day}`,
  nothingPlanned: "No shows are planned yet. Come back soon.",
  noMoreOfMovie: "No further shows of this movie are planned.",
  unknownMovie: "This movie does not exist.",
  more: "More shows",
  allDays: "All movies",
};

export const account = {
  loggedOut: "Log in to see your bookings, your waiting list and your offers.",
  hello: (username) => `Logged in as ${username}`,
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
export const show = {};
