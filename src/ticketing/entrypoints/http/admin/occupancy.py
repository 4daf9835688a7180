"""Occupancy of a week, by day and by screen."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from flask import Blueprint
from werkzeug.wrappers import Response

from ticketing.domain.paging import Window
from ticketing.domain.programme.queries import ShowAvailability, ShowFilter
from ticketing.entrypoints.http.admin.days import DAY, local_time, requested_day, utc_of
from ticketing.entrypoints.http.admin.rendering import page
from ticketing.entrypoints.http.web.context import office

blueprint = Blueprint("occupancy", __name__)

_MAX_SHOWS = Window(0, 10_000)


@dataclass(slots=True)
class Bar:
    """The shows and seats of one day or screen."""

    name: str
    shows: int = 0
    seats: int = 0
    sold: int = 0

    @property
    def percent(self) -> int:
        return round(100 * self.sold / self.seats) if self.seats else 0

    def count(self, offer: ShowAvailability) -> None:
        self.shows += 1
        self.seats += offer.show.plan.total_seats
        self.sold += offer.sold_seats


@blueprint.route("/occupancy")
def week() -> Response:
    day = requested_day()
    monday = day - day.weekday() * DAY
    days = [monday + number * DAY for number in range(7)]
    of_week = ShowFilter(starts_from=utc_of(monday), starts_before=utc_of(monday + 7 * DAY))
    found = office().queries.programme.shows(of_week, _MAX_SHOWS).items
    shown = [offer for offer in found if offer.show.cancelled_at is None]
    screens = sorted({offer.show.screen.name for offer in shown})
    charts = {
        "By day": _bars(
            [f"{day:%a %d %b}" for day in days],
            shown,
            lambda offer: f"{local_time(offer.show.starts_at):%a %d %b}",
        ),
        "By screen": _bars(screens, shown, lambda offer: offer.show.screen.name),
    }
    return page(
        "occupancy.html",
        charts=charts,
        total=_bars(["all"], shown, lambda offer: "all")[0],
        monday=monday,
        sunday=days[-1],
        before=monday - 7 * DAY,
        after=monday + 7 * DAY,
    )


def _bars(
    names: Iterable[str],
    offers: Iterable[ShowAvailability],
    name_of: Callable[[ShowAvailability], str],
) -> list[Bar]:
    bars = {name: Bar(name) for name in names}
    for offer in offers:
        bars[name_of(offer)].count(offer)
    return list(bars.values())
