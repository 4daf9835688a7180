"""The geometry of a day's timetable: a column for each screen, time from top to bottom."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from ticketing.domain.programme.queries import ShowAvailability
from ticketing.domain.programme.screen import Screen
from ticketing.domain.programme.show import Show
from ticketing.entrypoints.http.admin.days import utc_of

_USUAL_START, _USUAL_END = timedelta(hours=10), timedelta(hours=24)
_HOUR = timedelta(hours=1)
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

    @property
    def sold(self) -> int:
        return self.offer.show.plan.total_seats - self.offer.available_seats


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


@dataclass(frozen=True, slots=True)
class _Scale:
    """``start`` and ``end`` of the timetable are whole hours after ``midnight``."""

    midnight: datetime
    start: timedelta
    end: timedelta

    def y(self, moment: datetime) -> float:
        """The distance from the top, in elapsed time, so that a day of 25 hours shows 25."""
        passed = max(moment - self.midnight, self.start) - self.start
        return passed / timedelta(minutes=1) * _PIXELS_PER_MINUTE

    def hours(self) -> Iterator[tuple[float, datetime]]:
        for hour in range(self.start // _HOUR, self.end // _HOUR + 1):
            moment = self.midnight + hour * _HOUR
            yield self.y(moment), moment


def timetable(
    day: date, screens: Sequence[Screen], offers: Sequence[ShowAvailability]
) -> Timetable:
    """The shows of a day, including those of the day before that end after midnight."""
    midnight = utc_of(day)
    of_day = [offer for offer in offers if offer.show.ends_at > midnight]
    active = [offer for offer in of_day if offer.show.cancelled_at is None]
    scale = _scale(midnight, [offer.show for offer in active])
    width = 100 / max(1, len(screens))
    columns = [
        Column(screen, number * width, width, _blocks(screen, active, scale, number * width, width))
        for number, screen in enumerate(screens)
    ]
    cancelled = [offer for offer in of_day if offer.show.cancelled_at is not None]
    return Timetable(columns, list(scale.hours()), scale.y(midnight + scale.end), cancelled)


def _scale(midnight: datetime, shows: Sequence[Show]) -> _Scale:
    starts = [max(show.starts_at - midnight, timedelta()) for show in shows]
    ends = [show.ends_at - midnight for show in shows]
    first, last = min(starts, default=_USUAL_START), max(ends, default=_USUAL_END)
    return _Scale(midnight, first // _HOUR * _HOUR, -(-last // _HOUR) * _HOUR)


def _blocks(
    screen: Screen, offers: Sequence[ShowAvailability], scale: _Scale, left: float, width: float
) -> list[Block]:
    """Overlapping shows, which imported data may contain, side by side."""
    lanes = _lanes([offer for offer in offers if offer.show.screen.id == screen.id])
    share = width / max(1, len(lanes))
    return [
        _block(offer, scale, left + number * share, share)
        for number, lane in enumerate(lanes)
        for offer in lane
    ]


def _lanes(offers: Sequence[ShowAvailability]) -> list[list[ShowAvailability]]:
    lanes: list[list[ShowAvailability]] = []
    for offer in offers:
        for lane in lanes:
            if lane[-1].show.ends_at <= offer.show.starts_at:
                lane.append(offer)
                break
        else:
            lanes.append([offer])
    return lanes


def _block(offer: ShowAvailability, scale: _Scale, left: float, width: float) -> Block:
    top = scale.y(offer.show.starts_at)
    height = max(scale.y(offer.show.ends_at) - top, _MIN_HEIGHT)
    return Block(offer, left, width, top, height)
