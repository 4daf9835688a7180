"""The demo's accounts, one a role."""

import secrets
from contextlib import suppress

from ticketing.domain.accounts.account import Account, Role
from ticketing.domain.accounts.errors import BadCredentials, UsernameTaken
from ticketing.domain.accounts.session_service import SessionService
from ticketing.domain.box_office import BoxOffice


def open_accounts(box_office: BoxOffice, *, is_private: bool) -> dict[str, str]:
    """Usernames and passwords, which are well known where nobody else can try them.

    Elsewhere they are new each time, which ends the sessions that the old ones opened.
    """
    return {
        role.value: _open(box_office, role, f"popcorn-{role}" if is_private else None)
        for role in Role
    }


def _open(box_office: BoxOffice, role: Role, wanted: str | None) -> str:
    password = wanted or secrets.token_urlsafe(12)
    name, email = role.value, f"{role}@demo.example"
    known = account_named(box_office, name, password, email, role)
    if known.email != email:
        raise UsernameTaken(f"The account {name} is not the demo's: give the demo its own store.")
    if wanted is None or not _logs_in(box_office.sessions, name, wanted):
        box_office.accounts.change_password(name, password)
    return password


def account_named(
    box_office: BoxOffice,
    name: str,
    password: str,
    email: str | None = None,
    role: Role = Role.CUSTOMER,
) -> Account:
    """The account of that name, opened if there is none; somebody else may do so just now."""
    known = box_office.queries.accounts.account_named(name)
    if known is not None:
        return known
    with suppress(UsernameTaken):
        return box_office.accounts.sign_up(name, password, email, role)
    return account_named(box_office, name, password, email, role)


def _logs_in(sessions: SessionService, name: str, password: str) -> bool:
    """Takes half the time of setting the password again, and ends nobody's session."""
    try:
        opened = sessions.log_in(name, password, "")
    except BadCredentials:
        return False
    sessions.log_out(opened.account.id, opened.session.id)
    return True
