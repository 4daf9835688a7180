"""Bookings: found, looked at and cancelled for the customer."""

from collections.abc import Sequence

from flask import Blueprint, redirect, url_for
from werkzeug.wrappers import Response
from wtforms import StringField, SubmitField
from wtforms.validators import InputRequired

from ticketing.domain.accounts.account import Account, AccountId
from ticketing.domain.sales.booking import Booking, BookingId, reference_from
from ticketing.domain.sales.errors import BookingNotFound
from ticketing.entrypoints.http.admin.forms import ConfirmForm, StaffForm
from ticketing.entrypoints.http.admin.people import account_or_none
from ticketing.entrypoints.http.admin.rendering import done, listing, page, window
from ticketing.entrypoints.http.admin.staff_session import staff
from ticketing.entrypoints.http.web.context import office

blueprint = Blueprint("bookings", __name__)


class SearchForm(StaffForm):
    """It is sent as a form, for an e-mail address has no place in an address of ours."""

    shown = (BookingNotFound,)

    wanted = StringField(
        "Reference, username or e-mail address",
        [InputRequired()],
        render_kw={"autocapitalize": "none", "autocomplete": "off"},
    )
    find = SubmitField("Find")


Found = tuple[Sequence[Booking], Account | None]


@blueprint.route("/bookings", methods=["GET", "POST"])
def search() -> Response:
    form = SearchForm()
    return form.answer(lambda: _find(form.wanted.data or ""), _lead_to) or page(
        "search.html", form.status, form=form
    )


def _find(wanted: str) -> Found:
    """Raises BookingNotFound."""
    reference = reference_from(wanted)
    found = office().queries.sales.bookings_by_reference(reference) if reference else []
    account = office().queries.accounts.account_named(wanted)
    if not found and account is None:
        raise BookingNotFound("No booking has this reference, and nobody this name.")
    return found, account


def _lead_to(found: Found) -> Response:
    bookings, account = found
    if account and not bookings:
        return redirect(url_for(".customer", account_id=account.id), 303)
    if account is None and len(bookings) == 1:
        return redirect(url_for(".booking", booking_id=bookings[0].id), 303)
    return page("found.html", bookings=bookings, account=account)


@blueprint.route("/customers/<id:account_id>")
def customer(account_id: int) -> Response:
    account = office().queries.accounts.account(AccountId(account_id))
    theirs = office().queries.sales.bookings(account.id, None, window())
    return page("customer.html", account=account, bookings=listing(theirs))


@blueprint.route("/bookings/<id:booking_id>")
def booking(booking_id: int) -> Response:
    found = office().queries.sales.booking(BookingId(booking_id))
    return page("booking.html", booking=found, account=account_or_none(found.customer))


@blueprint.route("/bookings/<id:booking_id>/cancel", methods=["GET", "POST"])
def cancel(booking_id: int) -> Response:
    found = office().queries.sales.booking(BookingId(booking_id))
    form = ConfirmForm("Cancel the booking")
    here = url_for(".booking", booking_id=booking_id)
    return form.answer(
        lambda: office().bookings.cancel(found.id, staff().actor),
        lambda _: done(f"Booking {found.reference} was cancelled.", here),
    ) or page(
        "confirm.html",
        form.status,
        form=form,
        question=f"Cancel booking {found.reference}?",
        show=found.show,
        effect=f"{', '.join(seat.label for seat in found.seats)} can be sold again at once.",
        back=here,
    )
