"""The programme: a day's timetable."""

from datetime import timedelta

from flask import Blueprint
from werkzeug.wrappers import Response

from ticketing.domain.paging import Window
from ticketing.domain.programme.movie import MAX_MINUTES
from ticketing.domain.programme.queries import ShowFilter
from ticketing.entrypoints.http.admin.days import DAY, requested_day, utc_of
from ticketing.entrypoints.http.admin.rendering import page
from ticketing.entrypoints.http.admin.timetable import timetable
from ticketing.entrypoints.http.web.context import office

blueprint = Blueprint("programme", __name__)

_MAX_RUNNING_TIME = timedelta(minutes=MAX_MINUTES)
_MAX_SCREENS = Window(0, 200)
_MAX_SHOWS = Window(0, 2000)


@blueprint.route("/")
def day() -> Response:
    shown = requested_day()
    on = ShowFilter(
        starts_from=utc_of(shown) - _MAX_RUNNING_TIME, starts_before=utc_of(shown + DAY)
    )
    return page(
        "programme.html",
        timetable=timetable(
            shown,
            office().queries.programme.screens(_MAX_SCREENS).items,
            office().queries.programme.shows(on, _MAX_SHOWS).items,
        ),
        day=shown,
        before=shown - DAY,
        after=shown + DAY,
    )
