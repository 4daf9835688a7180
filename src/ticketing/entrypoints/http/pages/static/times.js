// Times in the cinema's zone, as people write them.

import { call } from "./api.js";
import { shared as texts } from "./texts.js";

const DAY = { weekday: "long", day: "numeric", month: "long" };
const SHORT_DAY = { weekday: "short", day: "numeric", month: "short" };
const CLOCK = { hour: "2-digit", minute: "2-digit", hourCycle: "h23" };

let zone = "UTC";
let loading = null;

/** Load the cinema, `{name, timezone}`, before any other function here is called. */
export function loadCinema() {
  loading ??= call("GET", "/api/cinema").then(
    (cinema) => {
      zone = cinema.timezone;
      return cinema;
    },
    (problem) => {
      loading = null;
      throw problem;
    },
  );
  return loading;
}

/** Return "19:30". */
export function clock(time) {
  return written(time, CLOCK);
}

/** Return "Friday 6 December". */
export function day(time) {
  return written(time, DAY);
}

/** Return "Fri 6 Dec". */
export function shortDay(time) {
  return written(time, SHORT_DAY);
}

/** Return "Friday 6 December, 19:30". */
export function dayAndClock(time) {
  return `${day(time)}, ${clock(time)}`;
}

/** Return the date in the cinema's zone, "2030-12-06", which sorts, and which the API takes. */
export function isoDay(time = new Date()) {
  return new Intl.DateTimeFormat("sv-SE", { timeZone: zone }).format(new Date(time));
}

/** Return the date some days after "2030-12-06". */
export function isoDayAfter(isoDate, days) {
  const noon = noonOf(isoDate);
  noon.setUTCDate(noon.getUTCDate() + days);
  return noon.toISOString().slice(0, 10);
}

/** Return "Friday 6 December" for "2030-12-06", and "Fri 6 Dec" when `isShort`. */
export function dayName(isoDate, isShort = false) {
  return new Intl.DateTimeFormat("en-GB", { ...(isShort ? SHORT_DAY : DAY), timeZone: "UTC" })
    .format(noonOf(isoDate))
    .replace(",", "");
}

/** Return a sentence that names the zone where the device's clock differs at one of `times`. */
export function zoneNote(...times) {
  const style = { ...SHORT_DAY, ...CLOCK };
  const here = new Intl.DateTimeFormat().resolvedOptions().timeZone;
  const differs = times.some((time) => written(time, style) !== written(time, style, here));
  return differs ? texts.zone(zone.replaceAll("_", " ")) : "";
}

function written(time, style, timeZone = zone) {
  return new Intl.DateTimeFormat("en-GB", { ...style, timeZone }).format(new Date(time)).replace(",", "");
}

function noonOf(isoDate) {
  return new Date(`${isoDate}T12:00:00Z`);
}
