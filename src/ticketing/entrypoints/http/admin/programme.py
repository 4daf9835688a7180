"""The programme: a day's timetable."""

from datetime import timedelta

from flask import Blueprint
from werkzeug.wrappers import Response

from ticketing.domain.paging import Window
from ticketing.domain.programme.movie import MAX_MINUTES
from ticketing.domain.programme.queries import ShowFilter
from ticketing.entrypoints.http.admin.days import DAY, at, day_asked
from ticketing.entrypoints.http.admin.rendering import page
from ticketing.entrypoints.http.admin.timetable import draw
from ticketing.entrypoints.http.web.context import office

blueprint = Blueprint("programme", __name__)

_LONGEST = timedelta(minutes=MAX_MINUTES)
_MOST_SCREENS = Window(0, 200)
_MOST_SHOWS = Window(0, 2000)


@blueprint.route("/")
def day() -> Response:
    wanted = day_asked()
    on = ShowFilter(starts_from=at(wanted) - _LONGEST, starts_before=at(wanted + DAY))
    return page(
        "programme.html",
        picture=draw(
            wanted,
            office().queries.programme.screens(_MOST_SCREENS).items,
            office().queries.programme.shows(on, _MOST_SHOWS).items,
        ),
        day=wanted,
        before=wanted - DAY,
        after=wanted + DAY,
    )
