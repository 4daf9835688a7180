"""A day of the programme as a picture: a column for each screen, time from top to bottom."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from ticketing.domain.programme.queries import ShowAvailability
from ticketing.domain.programme.screen import Screen
from ticketing.domain.programme.show import Show
from ticketing.entrypoints.http.admin.days import at

_USUAL_START, _USUAL_END = timedelta(hours=10), timedelta(hours=24)
_HOUR = timedelta(hours=1)
_HEIGHT_OF_A_MINUTE = 1.1
_LEAST_HEIGHT = 22.0


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
class Picture:
    """``hours`` are moments, each with its distance from the top; ``called_off`` has no place."""

    columns: Sequence[Column]
    hours: Sequence[tuple[float, datetime]]
    height: float
    called_off: Sequence[ShowAvailability]


@dataclass(frozen=True, slots=True)
class _Scale:
    """``start`` and ``end`` of the picture are hours after midnight, at which the day began."""

    midnight: datetime
    start: timedelta
    end: timedelta

    def y(self, moment: datetime) -> float:
        """Counted in time that passes, so that a day of 25 hours has 25."""
        passed = max(moment - self.midnight, self.start) - self.start
        return passed / timedelta(minutes=1) * _HEIGHT_OF_A_MINUTE

    def hours(self) -> Iterator[tuple[float, datetime]]:
        for hour in range(self.start // _HOUR, self.end // _HOUR + 1):
            moment = self.midnight + hour * _HOUR
            yield self.y(moment), moment


def draw(day: date, screens: Sequence[Screen], offers: Sequence[ShowAvailability]) -> Picture:
    """The shows that are on that day: a late one of the day before is still on after midnight."""
    midnight = at(day)
    seen = [offer for offer in offers if offer.show.ends_at > midnight]
    on = [offer for offer in seen if offer.show.cancelled_at is None]
    scale = _scale(midnight, [offer.show for offer in on])
    width = 100 / max(1, len(screens))
    columns = [
        Column(screen, number * width, width, _blocks(screen, on, scale, number * width, width))
        for number, screen in enumerate(screens)
    ]
    called_off = [offer for offer in seen if offer.show.cancelled_at is not None]
    return Picture(columns, list(scale.hours()), scale.y(midnight + scale.end), called_off)


def _scale(midnight: datetime, shows: Sequence[Show]) -> _Scale:
    starts = [max(show.starts_at - midnight, timedelta()) for show in shows]
    ends = [show.ends_at - midnight for show in shows]
    first, last = min(starts, default=_USUAL_START), max(ends, default=_USUAL_END)
    return _Scale(midnight, first // _HOUR * _HOUR, -(-last // _HOUR) * _HOUR)


def _blocks(
    screen: Screen, offers: Sequence[ShowAvailability], scale: _Scale, left: float, width: float
) -> list[Block]:
    """Side by side where several are on at once, as those of an earlier system may be."""
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
    height = max(scale.y(offer.show.ends_at) - top, _LEAST_HEIGHT)
    return Block(offer, left, width, top, height)
