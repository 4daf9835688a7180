"""The programme: a day's timetable."""

from datetime import timedelta

from flask import Blueprint
from werkzeug.wrappers import Response

from ticketing.domain.movie import LONGEST_MINUTES
from ticketing.domain.queries import ShowFilter, Window
from ticketing.entrypoints.admin.days import DAY, at, day_asked, today
from ticketing.entrypoints.admin.pages import page
from ticketing.entrypoints.admin.timetable import draw
from ticketing.entrypoints.http.context import office

blueprint = Blueprint("programme", __name__)

_LONGEST = timedelta(minutes=LONGEST_MINUTES)
_MOST_SCREENS = Window(0, 200)
_MOST_SHOWS = Window(0, 2000)


@blueprint.route("/")
def day() -> Response:
    wanted = day_asked()
    midnights = at(wanted), at(wanted + DAY)
    on = ShowFilter(starts_from=midnights[0] - _LONGEST, starts_before=midnights[1])
    return page(
        "programme.html",
        picture=draw(
            wanted,
            office().queries.screens(_MOST_SCREENS).items,
            office().queries.shows(on, _MOST_SHOWS).items,
        ),
        midnights=midnights,
        day=wanted,
        before=wanted - DAY,
        after=wanted + DAY,
        today=today(),
    )
