"""Streams of seat maps: what their clients get, and how often the maps are read."""

import asyncio
from itertools import pairwise

import pytest

from tests.unit.live.cinema import SHOW, Browser, Cinema
from tests.unit.live.virtual_time import run
from ticketing.domain.programme.show import ShowId
from ticketing.entrypoints.http.web.problems import PROBLEM_JSON
from ticketing.entrypoints.live import app as live
from ticketing.entrypoints.live.app import COMMENT_SECONDS, FIRST_MAP_SECONDS, LiveApp
from ticketing.entrypoints.live.feeds import MAX_READS_PER_SECOND, UNAVAILABLE_SECONDS
from ticketing.entrypoints.live.seat_maps import SeatMapUnavailable

SNAPSHOT = ("snapshot", '"1"', {"1": "HELD"})
CHANGE = ("change", '"2"', {"1": "AVAILABLE", "2": "HELD"})
MORE = 1.1  # as much time as a few reads take


@pytest.fixture
def cinema():
    return Cinema()


@pytest.fixture
def app(cinema):
    return LiveApp(cinema.read)


class TestEvents:
    def test_a_snapshot_comes_first_and_then_changes(self, app, cinema):
        async def test():
            browser = Browser(app)
            await asyncio.sleep(MORE)
            assert (browser.status, browser.headers["content-type"]) == (200, "text/event-stream")
            assert browser.text.startswith("retry: 2000\n:\n\n")
            assert browser.events == [SNAPSHOT]
            cinema.held[SHOW] = 2
            await asyncio.sleep(MORE)
            assert browser.events == [SNAPSHOT, CHANGE]
            await browser.leave()

        run(test())

    @pytest.mark.parametrize(
        ("event_id", "first"),
        [('"1"', CHANGE), ('"2"', None), ("1", ("snapshot", *CHANGE[1:2], {"2": "HELD"}))],
        ids=["earlier", "current", "unknown"],
    )
    def test_a_client_that_comes_back_gets_what_it_has_missed(self, app, cinema, event_id, first):
        async def test():
            browser = Browser(app)
            await asyncio.sleep(MORE)
            cinema.held[SHOW] = 2
            await asyncio.sleep(MORE)
            await browser.leave()
            await asyncio.sleep(MORE)

            again = Browser(app, last_event_id=event_id)
            await asyncio.sleep(MORE)
            assert again.events == ([first] if first else [])
            assert again.comments == 1
            await again.leave()

        run(test())

    def test_a_slow_client_gets_the_newest_state_only(self, app, cinema):
        async def test():
            slow = Browser(app)
            await asyncio.sleep(MORE)
            slow.reads.clear()
            for held in (2, 3, 4, 5):
                cinema.held[SHOW] = held
                await asyncio.sleep(MORE)
            slow.reads.set()
            await asyncio.sleep(MORE)
            assert slow.events == [
                SNAPSHOT,
                CHANGE,
                ("change", '"5"', {"2": "AVAILABLE", "5": "HELD"}),
            ]
            await slow.leave()

        run(test())

    def test_comments_keep_a_quiet_stream_open(self, app):
        async def test():
            browser = Browser(app)
            await asyncio.sleep(2.5 * COMMENT_SECONDS)
            assert (browser.comments, browser.has_ended) == (1 + 2, False)
            await browser.leave()

        run(test())


class TestReads:
    def test_streams_of_a_show_share_four_reads_a_second(self, app, cinema):
        async def test():
            browsers = [Browser(app) for _ in range(3)]
            await asyncio.sleep(10.1)
            assert len(cinema.reads) == 41
            for browser in browsers:
                await browser.leave()

        run(test())

    def test_all_shows_share_the_reads_of_a_second(self):
        shows = [ShowId(number) for number in range(1, 201)]
        cinema = Cinema(*shows)
        app = LiveApp(cinema.read)

        async def test():
            browsers = [Browser(app, f"/api/shows/{show}/seats/stream") for show in shows]
            await asyncio.sleep(40)
            for browser in browsers:
                await browser.leave()

        run(test())
        pauses = [later - earlier for (earlier, _), (later, _) in pairwise(cinema.reads)]
        assert min(pauses) > 0.99 / MAX_READS_PER_SECOND
        assert set(cinema.reads_by_show().values()) <= {5, 6}

    def test_reading_stops_when_the_last_stream_leaves(self, app, cinema):
        async def test():
            one, other = Browser(app), Browser(app)
            await asyncio.sleep(MORE)
            await one.leave()
            so_far = len(cinema.reads)
            await asyncio.sleep(MORE)
            assert len(cinema.reads) > so_far
            await other.leave()
            so_far = len(cinema.reads)
            await asyncio.sleep(MORE)
            assert len(cinema.reads) == so_far

        run(test())

    def test_streams_that_come_and_go_are_no_more_reads(self, app, cinema):
        async def test():
            for _ in range(100):
                browser = Browser(app)
                await asyncio.sleep(0.01)
                await browser.leave()
            assert len(cinema.reads) <= 5

        run(test())


class TestUnknownShows:
    @pytest.mark.parametrize("show_id", ["99", "0", "9" * 5000])
    def test_they_are_refused_before_the_stream_begins(self, app, show_id):
        path = f"/api/shows/{show_id}/seats/stream"

        async def test():
            refused = await Browser(app, path, x_request_id="mine").answered()
            assert (refused.status, refused.json["code"]) == (404, "show_not_found")
            assert refused.headers["content-type"] == PROBLEM_JSON
            assert (refused.json["instance"], refused.json["request_id"]) == (path, "mine")

        run(test())

    def test_a_deleted_show_ends_its_streams(self, app, cinema):
        async def test():
            browser = Browser(app)
            await asyncio.sleep(MORE)
            del cinema.held[SHOW]
            await browser.answered()
            assert browser.has_ended
            assert (await Browser(app).answered()).status == 404
            await asyncio.sleep(MORE)
            assert (await Browser(app).answered()).status == 404

        run(test())


class TestFaults:
    def test_streams_wait_for_servers_that_are_away(self, app, cinema):
        async def test():
            cinema.fault = SeatMapUnavailable()
            waiting = Browser(app)
            await asyncio.sleep(FIRST_MAP_SECONDS - 0.1)
            assert waiting.status is None
            await asyncio.sleep(0.2)
            assert waiting.status == 200
            assert (waiting.events, waiting.comments) == ([], 1)
            await asyncio.sleep(COMMENT_SECONDS)
            assert waiting.comments == 2
            assert len(cinema.reads) <= 1 + (FIRST_MAP_SECONDS + COMMENT_SECONDS + 1) / (
                UNAVAILABLE_SECONDS
            )
            cinema.fault = None
            await asyncio.sleep(MORE)
            assert waiting.events == [SNAPSHOT]

            cinema.fault = SeatMapUnavailable()
            await asyncio.sleep(MORE)
            cinema.fault, cinema.held[SHOW] = None, 2
            await asyncio.sleep(MORE)
            assert waiting.events == [SNAPSHOT, CHANGE]
            await waiting.leave()

        run(test())

    def test_an_unexpected_fault_ends_the_streams_of_its_show(self, app, cinema, caplog):
        async def test():
            browser = Browser(app)
            await asyncio.sleep(MORE)
            cinema.fault = RuntimeError("a bug")
            await browser.answered()
            assert browser.has_ended
            cinema.fault, cinema.held[SHOW] = None, 2
            again = Browser(app, last_event_id='"1"')
            await asyncio.sleep(MORE)
            assert again.events == [CHANGE]
            await again.leave()

        run(test())
        assert "show 1 is not read any more" in caplog.text

    def test_a_process_that_stops_ends_its_streams(self, app):
        async def test():
            browser = Browser(app)
            await asyncio.sleep(MORE)
            app.drain()
            await browser.answered()
            assert browser.has_ended
            late = await Browser(app).answered()
            assert (late.status, late.has_ended) == (200, True)

        run(test())

    def test_a_process_stops_before_its_first_stream(self, app, cinema):
        app.drain()

        async def test():
            assert (await Browser(app).answered()).status == 200

        run(test())
        assert cinema.reads == []

    def test_streams_over_the_limit_are_204(self, app, monkeypatch):
        monkeypatch.setattr(live, "MAX_STREAMS", 2)

        async def test():
            browsers = [Browser(app), Browser(app)]
            await asyncio.sleep(MORE)
            refused = await Browser(app).answered()
            assert (refused.status, refused.text) == (204, "")
            await browsers[0].leave()
            again = Browser(app)
            await asyncio.sleep(MORE)
            assert again.status == 200
            await again.leave()
            await browsers[1].leave()

        run(test())


class TestRequests:
    @pytest.mark.parametrize(
        ("method", "path", "status", "code"),
        [
            ("GET", "/api/shows/1/seats", 404, "not_found"),
            ("GET", "/api/shows/x/seats/stream", 404, "not_found"),
            ("GET", "/api/shows/1/seats/stream//", 404, "not_found"),
            ("POST", "/api/shows/1/seats/stream", 405, "method_not_allowed"),
            ("POST", "/healthz", 405, "method_not_allowed"),
        ],
    )
    def test_other_calls_are_problems(self, app, method, path, status, code):
        async def test():
            refused = await Browser(app, path, method).answered()
            assert (refused.status, refused.json["code"]) == (status, code)
            if status == 405:
                assert refused.headers["allow"] == "GET, HEAD, OPTIONS"

        run(test())

    def test_a_long_id_is_refused(self, app):
        async def test():
            refused = await Browser(app, last_event_id="a" * 257).answered()
            assert (refused.status, refused.json["code"]) == (431, "header_too_large")

        run(test())

    def test_head_has_no_body(self, app):
        async def test():
            answer = await Browser(app, "/api/shows/01/seats/stream/", "HEAD").answered()
            assert (answer.status, answer.text) == (200, "")
            assert answer.headers["content-type"] == "text/event-stream"

        run(test())

    def test_the_process_can_be_probed(self, app):
        async def test():
            assert (await Browser(app, "/healthz").answered()).json == {"status": "ok"}

        run(test())

    def test_every_answer_has_the_headers_of_the_api(self, app):
        async def test():
            headers = (await Browser(app, method="HEAD", x_request_id="a b").answered()).headers
            assert headers["x-content-type-options"] == "nosniff"
            assert len(headers["x-request-id"]) == 32
            assert headers["cache-control"] == "no-store"
            assert headers["x-accel-buffering"] == "no"
            assert "vary" not in headers

        run(test())

    def test_pages_on_other_sites_may_follow_if_they_are_named(self, cinema):
        app = LiveApp(cinema.read, ["https://shop.example.org"])

        async def test():
            named = await Browser(app, method="HEAD", origin="https://shop.example.org").answered()
            assert named.headers["access-control-allow-origin"] == "https://shop.example.org"
            other = await Browser(app, method="HEAD", origin="https://evil.example.org").answered()
            assert "access-control-allow-origin" not in other.headers
            assert named.headers["vary"] == other.headers["vary"] == "Origin"
            preflight = await Browser(app, method="OPTIONS").answered()
            assert preflight.status == 204
            assert preflight.headers["access-control-allow-headers"] == "Last-Event-ID"

        run(test())
