"""The audit log, for admins: who did what, and when."""

from collections.abc import Iterator
from datetime import datetime
from functools import partial
from typing import Any

from flask import Blueprint, url_for
from werkzeug.wrappers import Response

from ticketing.domain.accounts.account import AccountId
from ticketing.domain.audit import AuditEntry
from ticketing.entrypoints.http.admin.bookings import account_or_none
from ticketing.entrypoints.http.admin.days import day_and_clock
from ticketing.entrypoints.http.admin.rendering import listing, page
from ticketing.entrypoints.http.admin.staff_session import current_staff
from ticketing.entrypoints.http.web.context import office

blueprint = Blueprint("audit", __name__)

_PAGES = {
    "movie": ("admin.movies.edit", "movie_id"),
    "screen": ("admin.screens.screen", "screen_id"),
    "show": ("admin.shows.show", "show_id"),
    "booking": ("admin.bookings.booking", "booking_id"),
    "account": ("admin.bookings.customer", "account_id"),
}
_EMPTY: tuple[Any, ...] = (None, "", [])
_CHANGES = (".changed", "_changed", "_blocked", "show.cancelled")


@blueprint.route("/trail")
def log() -> Response:
    current_staff().actor.require_admin()
    entries = listing(office().queries.audit.audit_entries)
    names = {id_: _name(id_) for id_ in {entry.account_id for entry in entries.items}}
    return page("audit_log.html", entries=entries, names=names, details=details, place=place)


def _name(account_id: int | None) -> str:
    if account_id is None:
        return "the operator"
    account = account_or_none(AccountId(account_id))
    return account.username if account else f"account {account_id}"


def place(entry: AuditEntry) -> str | None:
    """Return the URL of the subject's page, or None where it has none or was deleted."""
    if entry.subject_kind not in _PAGES or entry.action.endswith((".removed", ".deleted")):
        return None
    endpoint, name = _PAGES[entry.subject_kind]
    values: dict[str, Any] = {name: entry.subject_id}
    return url_for(endpoint, **values)


def details(entry: AuditEntry) -> Iterator[tuple[str, str]]:
    """Yield names and values of an entry's details; for a change, the old and the new value."""
    for name, value in entry.details.items():
        as_text = partial(_as_text, is_time=name.endswith("_at"))
        if entry.action.endswith(_CHANGES) and isinstance(value, list) and len(value) == 2:
            yield name.replace("_", " "), " → ".join(map(as_text, value))
        elif value not in _EMPTY:
            yield name.replace("_", " "), as_text(value)


def _as_text(value: Any, *, is_time: bool) -> str:
    if value in _EMPTY:
        return "nothing"
    if isinstance(value, list):
        return ", ".join(map(str, value))
    return day_and_clock(datetime.fromisoformat(value)) if is_time else str(value)
