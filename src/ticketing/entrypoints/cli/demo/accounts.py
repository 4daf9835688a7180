"""The accounts of the demo, one for each role."""

import secrets
from contextlib import suppress

from ticketing.domain.accounts.account import Account, Role
from ticketing.domain.accounts.errors import BadCredentials, UsernameTaken
from ticketing.domain.accounts.session_service import SessionService
from ticketing.domain.box_office import BoxOffice


def open_accounts(box_office: BoxOffice, *, is_private: bool) -> dict[str, str]:
    """Create the accounts and return their usernames and passwords.

    The passwords are well known if only this machine can connect (``is_private``), otherwise new
    each time, which also ends older sessions.
    """
    return {
        role.value: _open(box_office, role, f"popcorn-{role}" if is_private else None)
        for role in Role
    }


def _open(box_office: BoxOffice, role: Role, known_password: str | None) -> str:
    password = known_password or secrets.token_urlsafe(12)
    name, email = role.value, f"{role}@demo.example"
    account = get_or_create_account(box_office, name, password, email, role)
    if account.email != email:
        raise UsernameTaken(
            f"The account {name} does not belong to the demo: use another database."
        )
    if known_password is None or not _can_log_in(box_office.sessions, name, known_password):
        box_office.accounts.change_password(name, password)
    return password


def get_or_create_account(
    box_office: BoxOffice,
    name: str,
    password: str,
    email: str | None = None,
    role: Role = Role.CUSTOMER,
) -> Account:
    """Return the account, created if needed, also while another process creates it."""
    while (account := box_office.queries.accounts.account_named(name)) is None:
        with suppress(UsernameTaken):
            return box_office.accounts.sign_up(name, password, email, role)
    return account


def _can_log_in(sessions: SessionService, name: str, password: str) -> bool:
    """Take half the time of setting the password again, and end no session."""
    try:
        opened = sessions.log_in(name, password, "")
    except BadCredentials:
        return False
    sessions.log_out(opened.account.id, opened.session.id)
    return True
