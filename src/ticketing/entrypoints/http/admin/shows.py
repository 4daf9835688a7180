"""Shows: seat map and bookings of one show; add, edit, cancel, delete."""

from contextlib import suppress

from flask import Blueprint, redirect, request, url_for
from werkzeug.wrappers import Response
from wtforms import (
    IntegerField,
    SelectField,
    StringField,
    SubmitField,
    ValidationError,
)
from wtforms.fields.choices import SelectChoice  # type: ignore[attr-defined]
from wtforms.validators import InputRequired, Optional

from ticketing.domain.paging import Window
from ticketing.domain.programme.errors import MovieNotFound
from ticketing.domain.programme.movie import Movie, MovieId
from ticketing.domain.programme.screen import Screen, ScreenId
from ticketing.domain.programme.show import OrphanRule, Show, ShowId
from ticketing.domain.programme.show_draft import ShowDraft
from ticketing.domain.sales.booking import BookingId
from ticketing.entrypoints.http.admin.bookings import account_or_none
from ticketing.entrypoints.http.admin.days import local_time, requested_day, utc_of
from ticketing.entrypoints.http.admin.drawings import drawing_of_show
from ticketing.entrypoints.http.admin.forms import (
    EditForm,
    LocalDateTimeField,
    StaffForm,
    confirm,
)
from ticketing.entrypoints.http.admin.rendering import listing, redirect_with_message
from ticketing.entrypoints.http.admin.staff_session import current_account_id
from ticketing.entrypoints.http.web.context import office

blueprint = Blueprint("shows", __name__)

_USUAL_HOUR = 20
_MAX_ID = 2**31
_MAX_CHOICES = Window(0, 1000)


def _id(text: str | int | None) -> int | None:
    """The chosen id; None if nothing is chosen. Raises ValueError."""
    return int(text) if text else None


class ShowForm(StaffForm):
    movie_id = SelectField("Movie", [InputRequired()], coerce=_id, validate_choice=False)
    starts_at = LocalDateTimeField("Start", [InputRequired()])
    screen_id = SelectField("Screen", coerce=_id, validate_choice=False)
    screen_name = StringField(
        "New screen", description="To add a screen, enter its name and choose none above."
    )
    total_seats = IntegerField(
        "Seats",
        [Optional()],
        description="Required for a new screen. Otherwise the seats of the screen are used.",
        render_kw={"inputmode": "numeric"},
    )
    orphan_rule = SelectField(
        "Choices that leave a single seat alone",
        choices=[
            SelectChoice(OrphanRule.OFF, "Allow"),
            SelectChoice(OrphanRule.WARN, "Allow, and warn the customer"),
            SelectChoice(OrphanRule.ENFORCE, "Refuse, where there is another choice"),
        ],
        default=OrphanRule.OFF,
        description="Only for seats that customers choose by name and hold.",
    )
    save = SubmitField("Save")

    def validate_screen_name(self, field: StringField) -> None:
        is_named, is_chosen = bool((field.data or "").strip()), self.screen_id.data is not None
        if is_named == is_chosen:
            raise ValidationError("Choose a screen or enter the name of a new one.")

    def fill_choices(self, movie: Movie | None, screen: Screen | None = None) -> None:
        """List movies and screens. ``movie`` is included even if there are too many to list.

        A retired screen is listed only as the present ``screen`` of the show.
        """
        movies = list(office().queries.programme.movies("", _MAX_CHOICES).items)
        if movie is not None and movie.id not in {listed.id for listed in movies}:
            movies.insert(0, movie)
        screens = [
            listed
            for listed in office().queries.programme.screens(_MAX_CHOICES).items
            if not listed.is_retired or (screen and listed.id == screen.id)
        ]
        self.movie_id.choices = [
            ("", "Choose a movie"),
            *((movie.id, f"{movie.title} ({movie.duration_minutes} min)") for movie in movies),
        ]
        self.screen_id.choices = [
            ("", "Choose a screen"),
            *((s.id, f"{s.name} ({s.plan.total_seats} seats)") for s in screens),
        ]

    def draft(self) -> ShowDraft:
        name = (self.screen_name.data or "").strip()
        return ShowDraft(
            movie_id=MovieId(self.movie_id.data or 0),
            screen_id=None if name else ScreenId(self.screen_id.data or 0),
            screen_name=name or None,
            starts_at=self.starts_at.data,
            total_seats=self.total_seats.data,
            orphan_rule=OrphanRule(self.orphan_rule.data),
        )


class EditShowForm(EditForm, ShowForm):
    """The form of an existing show."""


class SeatForm(StaffForm):
    seats = StringField("Find a booking by seat", [InputRequired()], description="For example A5.")
    find = SubmitField("Find booking")


@blueprint.route("/shows/<id:show_id>", methods=["GET", "POST"])
def show(show_id: int) -> Response:
    offer = office().queries.programme.show(ShowId(show_id))
    seat_map = office().queries.sales.seat_map(offer.show.id)
    sold = office().queries.sales.sold_seats(offer.show.id)
    form = SeatForm()

    def find_booking() -> BookingId | None:
        [number] = offer.show.plan.find([form.seats.data])
        return sold.get(number)

    def show_booking(booking_id: BookingId | None) -> Response:
        if booking_id is None:
            address = url_for(".show", show_id=show_id)
            return redirect_with_message(f"Seat {form.seats.data} is free.", address)
        address = url_for("admin.bookings.booking", booking_id=booking_id, show_id=show_id)
        return redirect(address, 303)

    if response := form.submit(find_booking, show_booking):
        return response
    bookings = listing(
        lambda window: office().queries.sales.bookings_of_show(offer.show.id, window)
    )
    customers = {booking.customer for booking in bookings.items}
    return form.page(
        "show.html",
        offer=offer,
        seat_map=seat_map,
        waiting=office().queries.waiting_list.number_waiting(offer.show.id),
        drawing=drawing_of_show(seat_map, sold),
        bookings=bookings,
        accounts={account_id: account_or_none(account_id) for account_id in customers},
    )


@blueprint.route("/shows/new", methods=["GET", "POST"])
def add() -> Response:
    movie = _requested_movie()
    form = ShowForm(
        movie_id=movie and movie.id, starts_at=utc_of(requested_day(), hour=_USUAL_HOUR)
    )
    form.fill_choices(movie)
    return form.submit(
        lambda: office().programme.add_show(form.draft(), by=current_account_id()),
        lambda show: redirect_with_message(
            f"Show {show.id} was added.", url_for(".show", show_id=show.id)
        ),
    ) or form.page("form.html", title="Add show", back=_timetable())


@blueprint.route("/shows/<id:show_id>/edit", methods=["GET", "POST"])
def edit(show_id: int) -> Response:
    show = office().queries.programme.show(ShowId(show_id)).show
    form = EditShowForm(
        movie_id=show.movie.id,
        screen_id=show.screen.id,
        starts_at=show.starts_at,
        orphan_rule=show.orphan_rule,
    )
    form.fill_choices(show.movie, show.screen)
    address = url_for(".show", show_id=show_id)
    return form.submit(
        lambda: office().programme.change_show(show.id, form.draft(), by=current_account_id()),
        lambda _: redirect_with_message(f"Show {show_id} was saved.", address),
    ) or form.page("form.html", title=f"Edit show {show_id}", back=address)


@blueprint.route("/shows/<id:show_id>/cancel", methods=["GET", "POST"])
def cancel(show_id: int) -> Response:
    show = office().queries.programme.show(ShowId(show_id)).show
    sold = office().queries.sales.sold_seats(show.id)
    address, cancelled = url_for(".show", show_id=show_id), ShowDraft(cancelled=True)
    return confirm(
        "Cancel show",
        lambda: office().programme.change_show(show.id, cancelled, by=current_account_id()),
        f"Show {show_id} was cancelled.",
        address,
        question=f"Cancel this show of {show.movie.title}?",
        show=show,
        effect=f"Bookings to be cancelled: {len(set(sold.values()))} ({len(sold)} seats). "
        "Customers are not notified by email; their bookings stay listed on the show's page. "
        "You cannot undo this.",
        back=address,
    )


@blueprint.route("/shows/<id:show_id>/delete", methods=["GET", "POST"])
def delete(show_id: int) -> Response:
    show = office().queries.programme.show(ShowId(show_id)).show
    return confirm(
        "Delete show",
        lambda: office().programme.remove_show(show.id, by=current_account_id()),
        f"Show {show_id} was deleted.",
        _timetable(show),
        question=f"Delete this show of {show.movie.title}?",
        show=show,
        effect="It is removed from the programme. A show with bookings can only be cancelled.",
        back=url_for(".show", show_id=show_id),
    )


def _requested_movie() -> Movie | None:
    """The movie of ``?movie=``, if it exists."""
    movie_id = request.args.get("movie", 0, type=int)
    with suppress(MovieNotFound):
        if 0 < movie_id < _MAX_ID:
            return office().queries.programme.movie(MovieId(movie_id))
    return None


def _timetable(show: Show | None = None) -> str:
    day = local_time(show.starts_at).date() if show else requested_day()
    return url_for("admin.programme.day", day=day.isoformat())
