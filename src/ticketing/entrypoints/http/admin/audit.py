"""The audit trail, for admins: who did what, and when."""

from collections.abc import Iterator
from datetime import datetime
from functools import partial
from typing import Any

from flask import Blueprint, url_for
from werkzeug.wrappers import Response

from ticketing.domain.accounts.account import AccountId
from ticketing.domain.audit.entry import AuditEntry
from ticketing.entrypoints.http.admin.bookings import account_or_none
from ticketing.entrypoints.http.admin.days import day_and_clock
from ticketing.entrypoints.http.admin.rendering import listing, page, window
from ticketing.entrypoints.http.admin.staff_session import current_staff
from ticketing.entrypoints.http.web.context import office

blueprint = Blueprint("trail", __name__)

_PAGES = {
    "movie": ("admin.movies.edit", "movie_id"),
    "show": ("admin.shows.show", "show_id"),
    "booking": ("admin.bookings.booking", "booking_id"),
    "account": ("admin.bookings.customer", "account_id"),
}
_NOTHING = (None, "")
_CHANGES = (".changed", "show.cancelled")


@blueprint.route("/trail")
def trail() -> Response:
    current_staff().actor.require_admin()
    found = office().queries.audit.audit_entries(window())
    names = {id_: _name(id_) for id_ in {entry.account_id for entry in found.items}}
    return page("trail.html", entries=listing(found), names=names, details=details, place=place)


def _name(account_id: int | None) -> str:
    if account_id is None:
        return "the operator"
    account = account_or_none(AccountId(account_id))
    return account.username if account else f"account {account_id}"


def place(entry: AuditEntry) -> str | None:
    """The page of what an entry is about, unless it is known to be gone."""
    kind, _, number = entry.subject.partition(" ")
    if kind not in _PAGES or entry.action.endswith((".removed", ".deleted")):
        return None
    endpoint, name = _PAGES[kind]
    values: dict[str, Any] = {name: number}
    return url_for(endpoint, **values)


def details(entry: AuditEntry) -> Iterator[tuple[str, str]]:
    """Facts by name; of a change, what was and what is."""
    for name, fact in entry.details.items():
        tell = partial(_told, is_moment=name.endswith("_at"))
        if entry.action.endswith(_CHANGES) and isinstance(fact, list) and len(fact) == 2:
            yield name.replace("_", " "), " → ".join(map(tell, fact))
        elif fact not in _NOTHING:
            yield name.replace("_", " "), tell(fact)


def _told(fact: Any, *, is_moment: bool) -> str:
    if fact in _NOTHING:
        return "nothing"
    if isinstance(fact, list):
        return ", ".join(map(str, fact))
    return day_and_clock(datetime.fromisoformat(fact)) if is_moment else str(fact)
