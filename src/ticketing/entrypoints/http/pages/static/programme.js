// The programme: the shows of a day by movie, or those of a movie by day.

import { call } from "./api.js";
import { element, svg } from "./dom.js";
import { notice, problemNotice } from "./notices.js";
import "./shell.js";
import { programme as texts } from "./texts.js";
import { clock, dayName, isoDay, isoDayAfter, loadCinema, zoneNote } from "./times.js";

const DAYS = 7;
const FEW_SEATS = 10;
const FRESH_MS = 60_000;
const MAX_MOVIE_PAGES = 3;
const PAGE_SIZE = 100;
const WAITING_LIST_ENDS_MS = 2 * 3600 * 1000; // before the start of the show

const content = document.getElementById("content");
const query = new URLSearchParams(location.search);
let loadedAt = 0;

async function showPage() {
  loadedAt = performance.now();
  try {
    await loadCinema();
    await (query.has("movie") ? showMovie(query.get("movie")) : showDay(chosenDay()));
  } catch (problem) {
    content.replaceChildren(problemNotice(problem, showPage));
  }
}

function chosenDay() {
  const [day, today] = [query.get("day"), isoDay()];
  return /^\d{4}-\d\d-\d\d$/.test(day) && day > today ? day : today;
}

async function showDay(day) {
  // Without "from", shows whose sales have ended are left out.
  const path = day === isoDay() ? `/api/shows?to=${day}` : `/api/shows?from=${day}&to=${day}`;
  const [shows, movies] = await Promise.all([showList(path), movieDetails()]);
  const following = shows.all.length ? null : await nextDay(day);
  const days = element("nav", { class: "days", "aria-label": texts.days }, dayLinks(day));
  const list = element("div");
  content.replaceChildren(days, element("h2", {}, dayName(day)), list);
  showAll(list, shows, (all) => {
    if (!all.length) {
      return nothingOn(day, following);
    }
    const byMovie = grouped(all, (show) => show.movie.id).sort(([a], [b]) =>
      a.movie.title.localeCompare(b.movie.title),
    );
    const cards = byMovie.map((ofMovie) => movieCard(ofMovie, movies.get(ofMovie[0].movie.id)));
    return element("div", { class: "movies" }, cards);
  });
}

async function showMovie(id) {
  let movie;
  try {
    movie = await call("GET", `/api/movies/${encodeURIComponent(id)}`);
  } catch (problem) {
    if (problem.status !== 404) {
      throw problem;
    }
    content.replaceChildren(notice(texts.unknownMovie, element("a", { href: "/", class: "button" }, texts.allDays)));
    return;
  }
  const shows = await showList(`/api/movies/${movie.id}/shows?`);
  document.querySelector("h1").textContent = movie.title;
  document.title = document.title.replace(/^.* ·/, `${movie.title} ·`);
  const list = element("div");
  content.replaceChildren(
    element("p", { class: "muted" }, facts(movie)),
    element("p", { class: "description" }, movie.description),
    list,
    element("p", {}, element("a", { href: "/" }, texts.allDays)),
  );
  showAll(list, shows, (all) =>
    all.length
      ? grouped(all, (show) => isoDay(show.starts_at)).map((ofDay) =>
          element("section", { class: "card" }, element("h2", {}, dayName(isoDay(ofDay[0].starts_at))), showLinks(ofDay)),
        )
      : element("p", {}, texts.noMoreOfMovie),
  );
}

/** Return the first page of a list of shows, and a function that adds the next one. */
async function showList(path) {
  const shows = { all: [], hasMore: true, pages: 0 };
  shows.readMore = async () => {
    const page = await call("GET", `${path}&page_size=${PAGE_SIZE}&page=${shows.pages + 1}`);
    shows.pages += 1;
    shows.all.push(...page.results);
    shows.hasMore = page.next !== null;
  };
  await shows.readMore();
  return shows;
}

function showAll(container, shows, render) {
  const more = async (event) => {
    try {
      await shows.readMore();
      showAll(container, shows, render);
    } catch (problem) {
      event.target.replaceWith(problemNotice(problem, more));
    }
  };
  const note = zoneNote(...shows.all.map((show) => show.starts_at));
  container.replaceChildren(
    note ? element("p", { class: "muted" }, note) : "",
    ...[render(shows.all)].flat(),
    shows.hasMore ? element("p", {}, element("button", { type: "button", onclick: more }, texts.more)) : "",
  );
}

function dayLinks(day) {
  const today = isoDay();
  const past = Math.round((Date.parse(day) - Date.parse(today)) / 86_400_000);
  const first = isoDayAfter(today, past - (past % DAYS));
  const days = Array.from({ length: DAYS }, (_, number) => isoDayAfter(first, number));
  const names = { [today]: texts.today, [isoDayAfter(today, 1)]: texts.tomorrow };
  return element(
    "ul",
    {},
    first > today && dayLink(isoDayAfter(first, -DAYS), "←", false, texts.earlier),
    days.map((other) => dayLink(other, names[other] ?? dayName(other, true), other === day)),
    dayLink(isoDayAfter(first, DAYS), "→", false, texts.later),
  );
}

function dayLink(day, text, isCurrent = false, label = null) {
  const attributes = { href: `/?day=${day}`, "aria-current": isCurrent && "date", "aria-label": label };
  return element("li", {}, element("a", attributes, text));
}

/** Return the day of the first show after `day`; null if there is none. */
async function nextDay(day) {
  const { results } = await call("GET", `/api/shows?from=${isoDayAfter(day, 1)}&page_size=1`);
  return results.length ? isoDay(results[0].starts_at) : null;
}

function nothingOn(day, following) {
  if (following === null) {
    const link = day !== isoDay() && element("p", {}, element("a", { href: "/", class: "button" }, texts.toToday));
    return [element("p", {}, texts.nothingPlanned), link || ""];
  }
  const link = element("a", { href: `/?day=${following}`, class: "button" }, texts.next(dayName(following)));
  return [element("p", {}, texts.nothing(dayName(day))), element("p", {}, link)];
}

/** Return the details of movies by id: the programme can do without them. */
async function movieDetails() {
  const movies = new Map();
  try {
    for (let page = 1, hasMore = true; hasMore && page <= MAX_MOVIE_PAGES; page += 1) {
      const { next, results } = await call("GET", `/api/movies?page_size=${PAGE_SIZE}&page=${page}`);
      results.forEach((movie) => movies.set(movie.id, movie));
      hasMore = next !== null;
    }
  } catch {
    // The titles are in the shows.
  }
  return movies;
}

function movieCard(shows, details) {
  const { movie } = shows[0];
  return element(
    "section",
    { class: "card" },
    element("h3", {}, element("a", { href: `/?movie=${movie.id}` }, movie.title)),
    element("p", { class: "muted" }, facts(details ?? movie)),
    details?.description && element("p", { class: "description" }, details.description),
    showLinks(shows),
  );
}

function facts({ duration_minutes: minutes, rating, language }) {
  return [texts.minutes(minutes), rating, languageName(language)].filter(Boolean).join(" · ");
}

function languageName(language) {
  try {
    return language && new Intl.DisplayNames("en", { type: "language" }).of(language);
  } catch {
    return language; // not a code
  }
}

function showLinks(shows) {
  return element("ul", { class: "shows" }, shows.map((show) => element("li", {}, showLink(show))));
}

function showLink(show) {
  return element(
    "a",
    { href: `/shows/${show.id}`, class: `show ${show.status.toLowerCase()}` },
    element("span", { class: "time" }, clock(show.starts_at)),
    " ",
    element("span", { class: "screen" }, show.screen_name),
    " ",
    occupancyBar(show),
    element("span", { class: "availability" }, availability(show)),
  );
}

function availability({ status, available_seats: available, total_seats: total, starts_at: start }) {
  if (status === "CANCELLED") {
    return texts.cancelled;
  }
  if (status === "CLOSED") {
    return texts.closed;
  }
  if (status === "SOLD_OUT") {
    return Date.parse(start) - Date.now() > WAITING_LIST_ENDS_MS ? texts.waitingList : texts.soldOut;
  }
  if (available === 0) {
    return texts.held;
  }
  return available <= FEW_SEATS ? texts.fewLeft(available) : texts.free(available, total);
}

/** Return a bar of how full a show is; the text beside it says the same. */
function occupancyBar({ available_seats: available, total_seats: total }) {
  const full = `${total ? (100 * (total - available)) / total : 0}%`;
  return svg("svg", { class: "bar", "aria-hidden": "true" }, svg("rect", { width: "100%", height: "100%" }), svg("rect", { class: "full", width: full, height: "100%" }));
}

/** Return the items in lists of those with the same key, in the order of the first ones. */
function grouped(items, keyOf) {
  const groups = new Map();
  for (const item of items) {
    groups.set(keyOf(item), [...(groups.get(keyOf(item)) ?? []), item]);
  }
  return [...groups.values()];
}

document.addEventListener("visibilitychange", () => {
  if (document.visibilityState === "visible" && performance.now() - loadedAt > FRESH_MS) {
    showPage();
  }
});
showPage();
