"""The seats of a show: block and release them, see its holds and end them."""

import re

from flask import Blueprint, url_for
from werkzeug.wrappers import Response
from wtforms import SubmitField, TextAreaField

from ticketing.domain.errors import DomainError
from ticketing.domain.programme.seat_plans.model import Seat
from ticketing.domain.programme.show import ShowId
from ticketing.domain.sales.errors import SeatHeld, SeatTaken
from ticketing.domain.sales.hold import HoldId
from ticketing.domain.sales.queries import SeatMap
from ticketing.entrypoints.http.admin.bookings import account_or_none
from ticketing.entrypoints.http.admin.days import clock
from ticketing.entrypoints.http.admin.drawings import drawing_of_show
from ticketing.entrypoints.http.admin.forms import EditForm, confirm
from ticketing.entrypoints.http.admin.rendering import listing, redirect_with_message
from ticketing.entrypoints.http.admin.staff_session import current_account_id, current_staff
from ticketing.entrypoints.http.web.context import office

blueprint = Blueprint("seats", __name__)


class BlockedSeatsForm(EditForm):
    seats = TextAreaField(
        "Blocked seats",
        description="Labels or numbers, with commas or line breaks between them. Customers can "
        "neither book nor hold these seats. To release a seat, remove it here.",
        render_kw={
            "rows": 4,
            "autocapitalize": "none",
            "autocomplete": "off",
            "spellcheck": "false",
        },
    )
    save = SubmitField("Save blocked seats")

    def names(self) -> list[str]:
        return [name for part in re.split("[,\n]", self.seats.data or "") if (name := part.strip())]

    def _add_error(self, error: DomainError) -> None:
        """Explain beside the field which seats cannot be blocked, and what to do."""
        labels = ", ".join(error.facts.get("seats", ()))
        explanation = ""
        if isinstance(error, SeatTaken):
            explanation = f"Sold: {labels}. Cancel the bookings of these seats first."
        elif isinstance(error, SeatHeld):
            until = clock(error.facts["held_until"])
            explanation = f"Held: {labels}. End these holds first, or wait until {until}."
        if explanation:
            error.facts["errors"] = {"seats": [explanation]}
        super()._add_error(error)


@blueprint.route("/shows/<id:show_id>/seats", methods=["GET", "POST"])
def seats(show_id: int) -> Response:
    show = office().queries.programme.show(ShowId(show_id)).show
    seat_map = office().queries.sales.seat_map(show.id)
    form = BlockedSeatsForm(seats=", ".join(map(_name, _blocked(seat_map))))

    def block() -> list[Seat]:
        return office().blocked_seats.block(show.id, form.names(), by=current_account_id())

    def saved(blocked: list[Seat]) -> Response:
        return redirect_with_message(
            f"Blocked seats: {len(blocked)}.", url_for(".seats", show_id=show_id)
        )

    if response := form.submit(block, saved):
        return response
    holds = listing(lambda window: office().queries.sales.holds_of_show(show.id, window))
    customers = {timed.hold.customer for timed in holds.items}
    plan = seat_map.plan
    return form.page(
        "seats.html",
        show=show,
        seat_map=seat_map,
        drawing=drawing_of_show(seat_map, office().queries.sales.sold_seats(show.id)),
        out_of_order=[plan.seat(number).label for number in sorted(plan.out_of_order)],
        holds=holds,
        accounts={account_id: account_or_none(account_id) for account_id in customers},
    )


def _blocked(seat_map: SeatMap) -> list[Seat]:
    """The seats that the staff blocked, beside those that the plan has out of order."""
    numbers = {*seat_map.blocked} - seat_map.plan.out_of_order
    return [seat_map.plan.seat(number) for number in sorted(numbers)]


def _name(seat: Seat) -> str:
    """The name of a seat in the list of names."""
    return str(seat.number) if "," in seat.label else seat.label


@blueprint.route("/shows/<id:show_id>/holds/<hold_id>/end", methods=["GET", "POST"])
def end_hold(show_id: int, hold_id: str) -> Response:
    hold = office().queries.sales.hold(HoldId(hold_id)).hold
    account = account_or_none(hold.customer)
    labels = ", ".join(seat.label for seat in hold.seats)
    address = url_for(".seats", show_id=hold.show.id)
    return confirm(
        "End this hold",
        lambda: office().holds.release(hold.id, current_staff().actor),
        f"The hold of {labels} was ended.",
        address,
        question=f"End the hold of {labels}?",
        show=hold.show,
        effect=f"{account.username if account else 'The customer'} can no longer book this hold. "
        "Its seats go back on sale immediately.",
        back=address,
    )
