"""Bookings: find, show, cancel for the customer."""

from collections.abc import Sequence

from flask import Blueprint, redirect, request, url_for
from werkzeug.wrappers import Response
from wtforms import StringField, SubmitField
from wtforms.validators import InputRequired

from ticketing.domain.accounts.account import MAX_EMAIL_LENGTH, Account, AccountId
from ticketing.domain.accounts.errors import AccountNotFound
from ticketing.domain.programme.show import ShowId
from ticketing.domain.sales.booking import Booking, BookingId, reference_from
from ticketing.domain.sales.errors import BookingNotFound
from ticketing.entrypoints.http.admin.forms import StaffForm, confirm
from ticketing.entrypoints.http.admin.rendering import listing, page
from ticketing.entrypoints.http.admin.staff_session import current_staff
from ticketing.entrypoints.http.web.context import office

blueprint = Blueprint("bookings", __name__)


class SearchForm(StaffForm):
    """Sent by POST, because an email address does not belong in a URL."""

    handled_errors = (BookingNotFound,)

    query = StringField(
        "Booking reference, username or email address",
        [InputRequired()],
        render_kw={"autocapitalize": "none", "autocomplete": "off"},
    )
    find = SubmitField("Search")


SearchResult = tuple[Sequence[Booking], Account | None]


@blueprint.route("/bookings", methods=["GET", "POST"])
def search() -> Response:
    form = SearchForm()
    found = form.submit(lambda: _find(form.query.data or ""), _show_result)
    return found or form.page("search.html")


def _find(query: str) -> SearchResult:
    """Raises BookingNotFound."""
    reference = reference_from(query)
    bookings = office().queries.sales.bookings_by_reference(reference) if reference else []
    is_name = len(query) <= MAX_EMAIL_LENGTH  # comparing a longer text takes quadratic time
    account = office().queries.accounts.account_named(query) if is_name else None
    if not bookings and account is None:
        raise BookingNotFound("No booking or customer found.")
    return bookings, account


def _show_result(result: SearchResult) -> Response:
    """Redirect to the only match, or list several."""
    bookings, account = result
    if account and not bookings:
        return redirect(url_for(".customer", account_id=account.id), 303)
    if account is None and len(bookings) == 1:
        return redirect(_address(bookings[0]), 303)
    return page("search_results.html", bookings=bookings, account=account)


@blueprint.route("/customers/<id:account_id>")
def customer(account_id: int) -> Response:
    account = office().queries.accounts.account(AccountId(account_id))
    bookings = listing(lambda window: office().queries.sales.bookings(account.id, None, window))
    return page("customer.html", account=account, bookings=bookings)


@blueprint.route("/bookings/<id:booking_id>")
def booking(booking_id: int) -> Response:
    found = _found(booking_id)
    return page("booking.html", booking=found, account=account_or_none(found.customer))


@blueprint.route("/bookings/<id:booking_id>/cancel", methods=["GET", "POST"])
def cancel(booking_id: int) -> Response:
    found = _found(booking_id)
    address = _address(found)
    return confirm(
        "Cancel booking",
        lambda: office().bookings.cancel(found.show.id, found.id, current_staff().actor),
        f"Booking {found.reference} was cancelled.",
        address,
        question=f"Cancel booking {found.reference}?",
        show=found.show,
        effect="These seats go back on sale immediately: "
        f"{', '.join(seat.label for seat in found.seats)}.",
        back=address,
    )


def _found(booking_id: int) -> Booking:
    """Return the booking. Our links name its show, which makes the look-up cheap."""
    show_id = request.args.get("show_id", type=int)
    show = None if show_id is None else ShowId(show_id)
    return office().queries.sales.booking(BookingId(booking_id), show)


def _address(booking: Booking) -> str:
    return url_for(".booking", booking_id=booking.id, show_id=booking.show.id)


def account_or_none(account_id: AccountId) -> Account | None:
    """The account, or None if it was deleted."""
    try:
        return office().queries.accounts.account(account_id)
    except AccountNotFound:
        return None
