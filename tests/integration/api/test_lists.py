"""Pagination, filters and order of lists."""

import json
from datetime import timedelta
from itertools import chain

import pytest

from tests.builders import a_movie, a_screen
from tests.integration.api.cinema import book
from ticketing.entrypoints.http.web.schemas import rfc3339

LISTS = ["/api/movies", "/api/shows", "/api/movies/1/shows", "/api/screens", "/api/my-bookings"]


def column(answer, name="id"):
    return [row[name] for row in answer.json["results"]]


def walk(client, url):
    """The ids on every page, following ``next``."""
    while url:
        answer = client.get(url)
        yield column(answer)
        url = answer.json["next"]


@pytest.fixture
def five_movies(cinema):
    for _ in range(5):
        cinema.movie()


# --- pages


@pytest.mark.parametrize("path", LISTS)
def test_every_list_has_pagination_members_and_header(staff, cinema, path):
    book(staff, cinema.show())

    answer = staff.get(path)

    assert list(answer.json) == ["count", "next", "previous", "results"]
    assert (answer.json["count"], len(answer.json["results"])) == (1, 1)
    assert (answer.json["next"], answer.json["previous"]) == (None, None)
    assert json.loads(answer.headers["X-Pagination"]) == {
        "total": 1,
        "total_pages": 1,
        "page": 1,
        "first_page": 1,
        "last_page": 1,
    }


@pytest.mark.parametrize("path", [path for path in LISTS if path != "/api/movies/1/shows"])
def test_an_empty_list(staff, path):
    answer = staff.get(path)

    assert answer.json == {"count": 0, "next": None, "previous": None, "results": []}
    assert json.loads(answer.headers["X-Pagination"]) == {"total": 0, "total_pages": 0, "page": 1}


def test_a_page_links_to_the_next_and_the_previous_one(guest, five_movies):
    answer = guest.get("/api/movies/?page_size=2&page=2&q=metro&x=%C3%A9&x=2")

    assert column(answer) == [3, 4]
    assert answer.json["count"] == 5
    for name, page in (("previous", 1), ("next", 3)):
        url = answer.json[name]
        assert url.startswith("http://localhost/api/movies/?")
        assert set(url.partition("?")[2].split("&")) == {
            *("page_size=2", f"page={page}", "q=metro", "x=%C3%A9", "x=2")
        }
    assert json.loads(answer.headers["X-Pagination"]) == {
        "total": 5,
        "total_pages": 3,
        "page": 2,
        "first_page": 1,
        "last_page": 3,
        "previous_page": 1,
        "next_page": 3,
    }


def test_a_page_has_twenty_rows_by_default_and_up_to_a_hundred(guest, cinema):
    for _ in range(101):
        cinema.movie()

    assert len(guest.get("/api/movies").json["results"]) == 20
    assert len(guest.get("/api/movies?page_size=100").json["results"]) == 100


def test_page_sizes_are_settings(make_app, five_movies):
    guest = make_app(PAGE_SIZE="2", MAX_PAGE_SIZE="3").test_client()

    assert column(guest.get("/api/movies")) == [1, 2]
    assert column(guest.get("/api/movies?page_size=3")) == [1, 2, 3]
    assert guest.get("/api/movies?page_size=4").status_code == 422


@pytest.mark.parametrize("page", [4, 1000, 2**63 // 20, 2**63, 10**400])
def test_a_page_past_the_end_is_empty_and_links_to_the_last(guest, five_movies, page):
    answer = guest.get(f"/api/movies?page_size=2&page={page}")

    assert answer.status_code == 200
    assert (answer.json["count"], answer.json["results"]) == (5, [])
    assert answer.json["next"] is None
    assert column(guest.get(answer.json["previous"])) == [5]


@pytest.mark.parametrize("path", LISTS)
@pytest.mark.parametrize(
    ("query", "field"),
    [
        *(("page=0", "page"), ("page=-1", "page"), ("page=x", "page"), ("page=", "page")),
        *(
            ("page=1.0", "page"),
            ("page=1_0", "page"),
            ("page=%D9%A1", "page"),
            ("page=1%00", "page"),
        ),
        *(("page=+1", "page"), ("page=--1", "page"), ("page=-", "page"), ("page=%FF", "page")),
        *(
            ("page_size=0", "page_size"),
            ("page_size=101", "page_size"),
            ("page_size=x", "page_size"),
        ),
        *(("page_size=-5", "page_size"), (f"page_size={10**400}", "page_size")),
    ],
)
def test_an_invalid_page_is_refused(staff, cinema, path, query, field):
    cinema.show()

    refused = staff.get(f"{path}?{query}")

    assert refused.status_code == 422
    assert list(refused.json["errors"]) == [field]


@pytest.mark.parametrize("path", LISTS)
def test_an_unknown_parameter_is_ignored(staff, cinema, path):
    book(staff, cinema.show())

    assert staff.get(f"{path}?sort=price&%00=%FF&page_size=1").json["count"] == 1


@pytest.mark.parametrize("path", LISTS)
def test_equal_rows_are_neither_skipped_nor_repeated(staff, cinema, path):
    show = cinema.show(hours=2)
    for _ in range(2):
        show = cinema.show(hours=2, movie=show.movie)
    for _ in range(4):
        cinema.show(hours=2, movie=show.movie)
        cinema.movie()
        book(staff, show, staff.get("/api/my-bookings").json["count"] + 1)
    for name in ("a", "b", "c", "d"):
        cinema.office.screens.add(a_screen(name))

    whole = column(staff.get(path))
    pages = list(walk(staff, f"{path}?page_size=2"))

    assert len(whole) >= 4
    assert list(chain(*pages)) == whole
    assert len(set(whole)) == len(whole)


# --- movies


def test_movies_are_sorted_by_title_ignoring_case(guest, cinema):
    for title in ("beta", "Alpha", "Gamma", "alpha", "Émile", "10 Things"):
        cinema.movie(title)

    titles = column(guest.get("/api/movies"), "title")

    assert titles.index("10 Things") < titles.index("Alpha") < titles.index("alpha")
    assert titles.index("alpha") < titles.index("beta") < titles.index("Gamma")


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("METROP", ["Metropolis"]),
        (" polis ", ["Metropolis"]),
        ("", ["100% Wolf", "Metropolis", "STRASSE_1", "Émile"]),
        ("%25", ["100% Wolf"]),
        ("_", ["STRASSE_1"]),
        ("stra%C3%9Fe", ["STRASSE_1"]),
        ("e%CC%81mile", ["Émile"]),
        ("%5C", []),
        ("'", []),
        ("wolf' OR 1=1", []),
    ],
)
def test_movies_are_found_by_a_part_of_their_title(guest, cinema, text, found):
    for title in ("Metropolis", "100% Wolf", "Émile", "STRASSE_1"):
        cinema.movie(title)

    assert sorted(column(guest.get(f"/api/movies?q={text}"), "title")) == found


@pytest.mark.parametrize("text", ["%00", "x" * 201, "%1B[2J"])
def test_an_invalid_search_text_is_refused(guest, text):
    refused = guest.get(f"/api/movies?q={text}")

    assert (refused.status_code, list(refused.json["errors"])) == (422, ["q"])


# --- shows


@pytest.fixture
def week(cinema, clock):
    """Shows 1 to 4: an hour ago, in an hour, tomorrow, and the day after at midnight."""
    clock.now = clock.now.replace(hour=12, minute=0, second=0)
    midnight = (clock.now + timedelta(days=2)).replace(hour=0)
    for hours in (-1, 1, 24, (midnight - clock.now) / timedelta(hours=1)):
        cinema.show(hours=hours)
    return clock.now


def shows(client, path="/api/shows", **query):
    answer = client.get(path, query_string=query)
    assert answer.status_code == 200
    return column(answer)


def test_shows_are_sorted_by_start(guest, cinema):
    for hours in (5, 1, 3):
        cinema.show(hours=hours)

    assert shows(guest) == [2, 3, 1]


def test_shows_whose_sales_have_ended_need_from(guest, cinema, clock, week):
    clock.advance(hours=1, minutes=14, seconds=59)
    assert shows(guest) == [2, 3, 4]
    clock.advance(seconds=1)
    assert shows(guest) == [3, 4]
    assert shows(guest, **{"from": "1970-01-01"}) == [1, 2, 3, 4]


def test_from_is_inclusive_and_to_exclusive(guest, week):
    in_an_hour, tomorrow = rfc3339(week + timedelta(hours=1)), rfc3339(week + timedelta(days=1))

    assert shows(guest, **{"from": in_an_hour, "to": tomorrow}) == [2]
    assert shows(guest, **{"from": in_an_hour}) == [2, 3, 4]
    assert shows(guest, to=in_an_hour) == []
    assert shows(guest, **{"from": tomorrow, "to": in_an_hour}) == []


def test_a_bare_date_means_the_whole_day(guest, week):
    today, tomorrow = f"{week:%Y-%m-%d}", f"{week + timedelta(days=1):%Y-%m-%d}"

    assert shows(guest, **{"from": today, "to": today}) == [1, 2]
    assert shows(guest, **{"from": tomorrow, "to": tomorrow}) == [3]
    assert shows(guest, **{"from": tomorrow}) == [3, 4]


def test_an_unescaped_plus_sign_in_an_offset_is_accepted(guest, week):
    local = f"{week + timedelta(hours=3):%Y-%m-%dT%H:%M:%S}"

    for offset in ("+02:00", "%2B02:00"):
        answer = guest.get(f"/api/shows?from={local}{offset}&to={local}{offset}")
        assert (answer.status_code, column(answer)) == (200, [])
        assert column(guest.get(f"/api/shows?from={local}{offset}"))[0] == 2


def test_a_bare_date_and_a_naive_time_are_in_the_cinemas_zone(make_app, cinema, clock):
    guest = make_app(TIMEZONE="Asia/Tokyo").test_client()
    evening = (clock.now + timedelta(days=2)).replace(hour=20)
    local = cinema.show(starts_at=evening).starts_at + timedelta(hours=9)  # the day after
    day, second = f"{local:%Y-%m-%d}", timedelta(seconds=1)

    def since(moment):
        return shows(guest, "/api/movies/1/shows", **{"from": f"{moment:%Y-%m-%dT%H:%M:%S}"})

    assert shows(guest, **{"from": day, "to": day}) == [1]
    assert shows(guest, to=f"{evening:%Y-%m-%d}") == []
    assert (since(local), since(local + second)) == ([1], [])


def test_shows_are_found_by_movie_and_screen(guest, cinema):
    dune = a_movie("Dune")
    cinema.show(screen=a_screen("Hall 1"))
    cinema.show(screen=a_screen("Hall 2"))
    cinema.show(screen=a_screen("Hall 2"), movie=dune)

    assert shows(guest, movie_id=3) == shows(guest, "/api/movies/3/shows") == [3]
    assert shows(guest, screen_id=2) == [2, 3]
    assert shows(guest, screen_id=2, movie_id=2) == [2]
    assert shows(guest, movie_id=2**63 - 1) == []
    assert shows(guest, "/api/movies/3/shows", movie_id=1) == [3]


@pytest.mark.parametrize("path", ["/api/shows", "/api/movies/1/shows"])
@pytest.mark.parametrize("name", ["from", "to"])
@pytest.mark.parametrize(
    "value",
    [
        *("", "tomorrow", "2026", "2026-13-01", "2026-02-30", "2026-01-01T25:00", "12:00"),
        *("0001-01-01", "9999-12-31", "0000-01-01", "10000-01-01", "0001-01-01T00:00:00+23:59"),
        *(
            "9999-12-31T23:59:59-23:59",
            "2026-01-01T00:00:00+99:00",
            "2026-01-01\x00",
            "\u0662\u0660\u0662\u0666-\u0660\u0661-\u0660\u0661",
        ),
        *("-1", "1767225600", "2026-01-01T00:00:00Z; DROP TABLE shows", "x" * 8000),
    ],
    ids=lambda value: ascii(value)[:24],
)
def test_an_invalid_time_is_refused(guest, cinema, path, name, value):
    cinema.movie()

    refused = guest.get(path, query_string={name: value})

    assert (refused.status_code, list(refused.json["errors"])) == (422, [name])


@pytest.mark.parametrize("name", ["movie_id", "screen_id"])
@pytest.mark.parametrize(
    "value", ["0", "-1", "x", "", "1.0", "\u0661", "1_0", str(2**63), "9" * 5000]
)
def test_an_invalid_id_in_a_query_is_refused(guest, name, value):
    refused = guest.get("/api/shows", query_string={name: value})

    assert (refused.status_code, list(refused.json["errors"])) == (422, [name])


# --- bookings


def test_my_bookings_are_sorted_newest_first(maria, otto, cinema):
    show = cinema.show()
    for client, seat in ((maria, 1), (otto, 2), (maria, 3)):
        book(client, show, seat)

    assert column(maria.get("/api/my-bookings"), "seat_number") == [3, 1]
    assert column(otto.get("/api/my-bookings"), "seat_number") == [2]


def test_bookings_are_found_by_status(maria, cinema):
    show = cinema.show()
    for seat in (1, 2, 3):
        book(maria, show, seat)
    maria.post("/api/bookings/2/cancel")

    assert column(maria.get("/api/my-bookings?status=BOOKED")) == [3, 1]
    assert column(maria.get("/api/my-bookings?status=CANCELLED")) == [2]


def test_a_cancellation_is_listed_at_once(maria, cinema):
    booking = book(maria, cinema.show())
    maria.post(f"/api/bookings/{booking['id']}/cancel")

    assert column(maria.get("/api/my-bookings"), "status") == ["CANCELLED"]


@pytest.mark.parametrize("status", ["", "booked", "GONE", "%00", "BOOKED,CANCELLED"])
def test_an_unknown_status_is_refused(maria, status):
    refused = maria.get(f"/api/my-bookings?status={status}")

    assert (refused.status_code, list(refused.json["errors"])) == (422, ["status"])
