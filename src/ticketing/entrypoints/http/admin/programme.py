"""The programme: a day's timetable, a column for each screen, time from top to bottom."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from flask import Blueprint
from werkzeug.wrappers import Response

from ticketing.domain.paging import Window
from ticketing.domain.programme.movie import MAX_MINUTES
from ticketing.domain.programme.queries import ShowAvailability, ShowFilter
from ticketing.domain.programme.screen import Screen
from ticketing.entrypoints.http.admin.days import DAY, requested_day, utc_of
from ticketing.entrypoints.http.admin.rendering import page
from ticketing.entrypoints.http.web.context import office

blueprint = Blueprint("programme", __name__)

_MAX_RUNNING_TIME = timedelta(minutes=MAX_MINUTES)
_MAX_SCREENS = Window(0, 200)
_MAX_SHOWS = Window(0, 2000)
_USUAL_START, _USUAL_END = timedelta(hours=10), timedelta(hours=24)
_HOUR, _MINUTE = timedelta(hours=1), timedelta(minutes=1)
_PIXELS_PER_MINUTE = 1.1
_MIN_HEIGHT = 22.0


@dataclass(frozen=True, slots=True)
class Block:
    """A show; ``left`` and ``width`` in percent, ``top`` and ``height`` in pixels."""

    offer: ShowAvailability
    left: float
    width: float
    top: float
    height: float


@dataclass(frozen=True, slots=True)
class Column:
    screen: Screen
    left: float
    width: float
    blocks: Sequence[Block]


@dataclass(frozen=True, slots=True)
class Timetable:
    """``hours`` are times with their distance from the top; ``cancelled`` shows take no column."""

    columns: Sequence[Column]
    hours: Sequence[tuple[float, datetime]]
    height: float
    cancelled: Sequence[ShowAvailability]


@blueprint.route("/")
def day() -> Response:
    shown = requested_day()
    on = ShowFilter(
        starts_from=utc_of(shown) - _MAX_RUNNING_TIME, starts_before=utc_of(shown + DAY)
    )
    screens = office().queries.programme.screens(_MAX_SCREENS).items
    offers = office().queries.programme.shows(on, _MAX_SHOWS).items
    return page(
        "programme.html",
        timetable=_timetable(shown, screens, offers),
        day=shown,
        before=shown - DAY,
        after=shown + DAY,
    )


def _timetable(
    day: date, screens: Sequence[Screen], offers: Sequence[ShowAvailability]
) -> Timetable:
    """The shows of a day, including those of the day before that end after midnight."""
    midnight = utc_of(day)
    of_day = [offer for offer in offers if offer.show.ends_at > midnight]
    active = [offer for offer in of_day if offer.show.cancelled_at is None]
    starts = [max(offer.show.starts_at - midnight, timedelta()) for offer in active]
    ends = [offer.show.ends_at - midnight for offer in active]
    first = min(starts, default=_USUAL_START) // _HOUR
    last = -(-max(ends, default=_USUAL_END) // _HOUR)
    top = midnight + first * _HOUR

    def y(moment: datetime) -> float:
        """The distance from the top, in elapsed time, so that a day of 25 hours shows 25."""
        return max(moment - top, timedelta()) / _MINUTE * _PIXELS_PER_MINUTE

    def block(offer: ShowAvailability, left: float, width: float) -> Block:
        start, end = y(offer.show.starts_at), y(offer.show.ends_at)
        return Block(offer, left, width, start, max(end - start, _MIN_HEIGHT))

    columns, width = [], 100 / max(1, len(screens))
    for number, screen in enumerate(screens):
        lanes = _lanes([offer for offer in active if offer.show.screen.id == screen.id])
        left, share = number * width, width / max(1, len(lanes))
        blocks = [
            block(offer, left + place * share, share)
            for place, lane in enumerate(lanes)
            for offer in lane
        ]
        columns.append(Column(screen, left, width, blocks))
    hours = [(y(moment), moment) for moment in (top + n * _HOUR for n in range(last - first + 1))]
    cancelled = [offer for offer in of_day if offer.show.cancelled_at is not None]
    return Timetable(columns, hours, hours[-1][0], cancelled)


def _lanes(offers: Sequence[ShowAvailability]) -> list[list[ShowAvailability]]:
    """Put overlapping shows, which imported data may contain, side by side."""
    lanes: list[list[ShowAvailability]] = []
    for offer in offers:
        for lane in lanes:
            if lane[-1].show.ends_at <= offer.show.starts_at:
                lane.append(offer)
                break
        else:
            lanes.append([offer])
    return lanes
