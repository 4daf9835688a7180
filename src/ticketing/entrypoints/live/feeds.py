"""Feeds: the seat map of a show, read again and again for all streams that follow it."""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager

from ticketing.domain.programme.errors import ShowNotFound
from ticketing.domain.programme.show import ShowId
from ticketing.entrypoints.http.web.seat_events import MIN_READ_SECONDS, MapState, RecentMaps
from ticketing.entrypoints.live.seat_maps import SeatMapUnavailable

MAX_READS_PER_SECOND = 25
"""Of all shows together, so that streams cost less than a tenth of the bookings. With more than six
shows, each is read less often."""

UNAVAILABLE_SECONDS = 1.0
"""Until the next try, when no server has answered."""

MAX_BYTES = 64 * 2**20

Read = Callable[[ShowId, str], Awaitable[MapState | None]]
"""Read a show's seat map as ``SeatMapClient.read`` does."""

logger = logging.getLogger(__name__)


class Feed:
    """The ``newest`` map of a show; None until it was read.

    It ``is_over`` when it is not read any more; it ``is_gone`` if there is no such show.
    """

    def __init__(self, *, is_over: bool) -> None:
        self.newest: MapState | None = None
        self.is_over = is_over
        self.is_gone = False
        self.streams = 0
        self._news = asyncio.Event()

    def publish(self, newest: MapState) -> None:
        self.newest = newest
        self._wake_streams()

    def end(self) -> None:
        self.is_over = True
        self._wake_streams()

    def _wake_streams(self) -> None:
        self._news.set()
        self._news = asyncio.Event()

    async def wait(self, seconds: float) -> bool:
        """Wait until the feed has changed. Return False if it has not within so many seconds."""
        try:
            async with asyncio.timeout(seconds):
                await self._news.wait()
        except TimeoutError:
            return False
        return True


class Feeds:
    """The feeds of all shows that have streams. Each is read in a task of its own."""

    def __init__(self, read: Read) -> None:
        self.recent = RecentMaps(MAX_BYTES)
        self._read = read
        self._feeds: dict[ShowId, Feed] = {}
        self._tasks = set[asyncio.Task[None]]()
        self._is_ended = False
        self._next_turn = 0.0

    @contextmanager
    def followed(self, show_id: ShowId) -> Iterator[Feed]:
        """Give a stream the feed of a show, which is read until its last stream has left."""
        feed = self._feeds.get(show_id)
        if feed is None:
            feed = self._feeds[show_id] = Feed(is_over=self._is_ended)
            task = asyncio.create_task(self._keep_reading(show_id, feed))
            self._tasks.add(task)  # the loop itself keeps no reference
            task.add_done_callback(self._tasks.discard)
        feed.streams += 1
        try:
            yield feed
        finally:
            feed.streams -= 1

    def end(self) -> None:
        """End all feeds, and those to come. They are not read any more."""
        self._is_ended = True
        for feed in self._feeds.values():
            feed.end()

    async def _keep_reading(self, show_id: ShowId, feed: Feed) -> None:
        try:
            while feed.streams and not feed.is_over:
                await self._turn()
                await asyncio.sleep(await self._update(show_id, feed))
        except Exception:
            logger.exception("The seat map of show %s is not read any more.", show_id)
        finally:
            del self._feeds[show_id]
            feed.end()

    async def _turn(self) -> None:
        """Wait for this task's turn, behind all that wait already."""
        now = asyncio.get_running_loop().time()
        turn = max(now, self._next_turn)
        self._next_turn = turn + 1 / MAX_READS_PER_SECOND
        await asyncio.sleep(turn - now)

    async def _update(self, show_id: ShowId, feed: Feed) -> float:
        """Read the map, and return for how many seconds not to read it again."""
        try:
            read = await self._read(show_id, feed.newest.etag if feed.newest else "")
        except ShowNotFound:
            feed.is_gone = True
            feed.end()
        except SeatMapUnavailable:
            return UNAVAILABLE_SECONDS
        else:
            if read is not None:
                self.recent.add(show_id, read)
                feed.publish(read)
        return MIN_READ_SECONDS
