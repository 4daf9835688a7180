"""Shows: what is sold of one, and adding, changing, calling off and removing them."""

from collections.abc import Mapping

from flask import Blueprint, redirect, url_for
from werkzeug.wrappers import Response
from wtforms import StringField, SubmitField
from wtforms.validators import InputRequired

from ticketing.domain.programme.errors import MovieNotFound
from ticketing.domain.programme.movie import Movie, MovieId
from ticketing.domain.programme.queries import ShowAvailability
from ticketing.domain.programme.seat_plan import SeatNumber
from ticketing.domain.programme.show import Show, ShowId
from ticketing.domain.programme.show_draft import ShowDraft
from ticketing.domain.sales.booking import BookingId
from ticketing.entrypoints.http.admin.days import at, day_asked, local
from ticketing.entrypoints.http.admin.forms import ConfirmForm, StaffForm
from ticketing.entrypoints.http.admin.people import accounts_by_id
from ticketing.entrypoints.http.admin.rendering import done, listing, number_asked, page, window
from ticketing.entrypoints.http.admin.seat_map_svg import draw
from ticketing.entrypoints.http.admin.show_form import ShowForm, form_of
from ticketing.entrypoints.http.admin.staff_session import by
from ticketing.entrypoints.http.web.context import office

blueprint = Blueprint("shows", __name__)

_USUAL_HOUR = 20


class SeatForm(StaffForm):
    seats = StringField("Whose seat is …", [InputRequired()], description="A5, or its number.")
    find = SubmitField("Find the booking")


@blueprint.route("/shows/<id:show_id>", methods=["GET", "POST"])
def show(show_id: int) -> Response:
    offer = office().queries.programme.show(ShowId(show_id))
    sold = office().queries.sales.sold_seats(offer.show.id)
    form = SeatForm()

    def buyer() -> BookingId | None:
        [number] = offer.show.plan.find([form.seats.data])
        return sold.get(number)

    def lead_to(booking_id: BookingId | None) -> Response:
        if booking_id is None:
            return done(f"{form.seats.data} is free.", url_for(".show", show_id=show_id))
        return redirect(url_for("admin.bookings.booking", booking_id=booking_id), 303)

    return form.answer(buyer, lead_to) or _page_of(offer, sold, form)


def _page_of(
    offer: ShowAvailability, sold: Mapping[SeatNumber, BookingId], form: SeatForm
) -> Response:
    bookings = office().queries.sales.bookings_of_show(offer.show.id, window())
    return page(
        "show.html",
        form.status,
        form=form,
        offer=offer,
        room=draw(offer.show.plan, sold),
        bookings=listing(bookings),
        accounts=accounts_by_id({booking.customer for booking in bookings.items}),
    )


@blueprint.route("/shows/new", methods=["GET", "POST"])
def add() -> Response:
    film = _film_asked()
    form = ShowForm(movie_id=film and film.id, starts_at=at(day_asked(), _USUAL_HOUR))
    form.offer(film)
    return form.answer(
        lambda: office().programme.add_show(form.draft(), by=by()),
        lambda show: done(f"Show {show.id} was added.", url_for(".show", show_id=show.id)),
    ) or page("form.html", form.status, form=form, title="New show", back=_timetable())


@blueprint.route("/shows/<id:show_id>/change", methods=["GET", "POST"])
def change(show_id: int) -> Response:
    show = office().queries.programme.show(ShowId(show_id)).show
    form = form_of(show)
    here = url_for(".show", show_id=show_id)
    return form.answer(
        lambda: office().programme.change_show(show.id, form.draft(), by=by()),
        lambda _: done(f"Show {show_id} was changed.", here),
    ) or page("form.html", form.status, form=form, title=f"Change show {show_id}", back=here)


@blueprint.route("/shows/<id:show_id>/cancel", methods=["GET", "POST"])
def cancel(show_id: int) -> Response:
    offer = office().queries.programme.show(ShowId(show_id))
    form = ConfirmForm("Call the show off")
    here = url_for(".show", show_id=show_id)
    sold = office().queries.sales.sold_seats(offer.show.id)
    cancelled = f"{len(set(sold.values()))} ({len(sold)} seats)"
    return form.answer(
        lambda: office().programme.change_show(offer.show.id, ShowDraft(cancelled=True), by=by()),
        lambda _: done(f"Show {show_id} was called off.", here),
    ) or page(
        "confirm.html",
        form.status,
        form=form,
        question=f"Call this show of {offer.show.movie.title} off?",
        show=offer.show,
        effect=f"Bookings that this cancels: {cancelled}. Nobody is told by mail: the show's page "
        "goes on listing whose they were. This cannot be undone.",
        back=here,
    )


@blueprint.route("/shows/<id:show_id>/remove", methods=["GET", "POST"])
def remove(show_id: int) -> Response:
    show = office().queries.programme.show(ShowId(show_id)).show
    form = ConfirmForm("Remove the show")
    return form.answer(
        lambda: office().programme.remove_show(show.id, by=by()),
        lambda _: done(f"Show {show_id} was removed.", _timetable(show)),
    ) or page(
        "confirm.html",
        form.status,
        form=form,
        question=f"Remove this show of {show.movie.title}?",
        show=show,
        effect="It leaves the programme. A show that was ever booked can only be called off.",
        back=url_for(".show", show_id=show_id),
    )


def _film_asked() -> Movie | None:
    film_id = number_asked("film")
    try:
        return office().queries.programme.movie(MovieId(film_id)) if film_id else None
    except MovieNotFound:
        return None


def _timetable(show: Show | None = None) -> str:
    day = local(show.starts_at).date() if show else day_asked()
    return url_for("admin.programme.day", day=day.isoformat())
