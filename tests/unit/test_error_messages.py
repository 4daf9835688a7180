"""The exact messages for users: the faults of fields, and the details of refusals."""

from datetime import timedelta

import pytest

from tests.builders import (
    CUSTOMER,
    NOW,
    SALES_GRACE,
    TOMORROW,
    FastHasher,
    a_session,
    a_show,
    put_on,
    register,
    sold_at_once,
)
from ticketing.adapters.email_addresses import NAME_KEYS
from ticketing.domain.accounts.account import (
    AccountId,
    Actor,
    Role,
    username_fault,
)
from ticketing.domain.accounts.errors import TooManyAttempts
from ticketing.domain.accounts.passwords import Passwords
from ticketing.domain.errors import DomainError, InvalidFields
from ticketing.domain.programme.movie import Movie, duration_fault
from ticketing.domain.programme.programme_import import (
    Fault,
    ImportRefused,
    MovieEntry,
    Programme,
    ScreenEntry,
    ShowEntry,
)
from ticketing.domain.programme.programme_service import ProgrammeService
from ticketing.domain.programme.screen import side_fault
from ticketing.domain.programme.seat_plans.numbers import seats_fault
from ticketing.domain.programme.seat_plans.plain_grid import plain_grid
from ticketing.domain.programme.show_draft import ShowDraft
from ticketing.domain.rehearsal.rehearsal_service import RehearsalService
from ticketing.domain.sales.booking_service import BookingService
from ticketing.domain.sales.errors import SeatLimit
from ticketing.domain.sales.selling import SalesPolicy
from ticketing.domain.text import text_fault
from ticketing.domain.times import moment_fault

PLAN = plain_grid(23)
MARIA = Actor(CUSTOMER, Role.CUSTOMER)
PASSWORDS = Passwords(FastHasher(), common=frozenset({"password"}))
NO_TEXT = "Control characters and lone surrogates are not allowed."


def refusal(act):
    with pytest.raises(DomainError) as refused:
        act()
    return refused.value


def detail_of(act):
    return refusal(act).detail


@pytest.mark.parametrize(
    ("fault", "message"),
    [
        (lambda: text_fault("", min_length=1, max_length=9), "This may not be empty."),
        (lambda: text_fault("ab", min_length=3, max_length=9), "At least 3 characters."),
        (lambda: text_fault("abcd", max_length=3), "At most 3 characters."),
        (lambda: text_fault("\0", max_length=3), NO_TEXT),
        (
            lambda: username_fault("a b"),
            "Use 3 to 150 ASCII letters, digits, dots, underscores and hyphens.",
        ),
        (lambda: NAME_KEYS.email_fault("maria"), "An email address must have an @-sign."),
        (lambda: NAME_KEYS.email_fault(f"{'m' * 251}@b.c"), "At most 254 characters."),
        (lambda: Passwords(FastHasher(), 9).fault("short", "maria"), "Use at least 9 characters."),
        (lambda: PASSWORDS.fault("x" * 129, "maria"), "Use at most 128 characters."),
        (lambda: PASSWORDS.fault("\0" * 9, "maria"), NO_TEXT),
        (lambda: PASSWORDS.fault("password", "maria"), "This password is too common."),
        (
            lambda: PASSWORDS.fault("mariamaria", "MariaMaria"),
            "The password must not be the username.",
        ),
        (lambda: moment_fault(NOW.replace(year=1)), "A time from 1970 to 2199 is required."),
        (lambda: duration_fault(0), "A running time of 1 to 1440 minutes is required."),
        (lambda: side_fault(0), "A whole number from 1 to 20000."),
        (lambda: seats_fault(0), "A room has 1 to 20000 seats."),
    ],
)
def test_the_message_for_an_invalid_field(fault, message):
    assert fault() == message


@pytest.mark.parametrize(
    ("names", "message"),
    [
        (
            [99, "Z9"],
            "No such seat: 99, Z9. This show has the seats 1 to 23, labelled A1 to C3.",
        ),
        (
            ["x" * 41],
            f"No such seat: {'x' * 40}…. " + "This show has the seats 1 to 23, labelled A1 to C3.",
        ),
        (
            ["x" * 40],
            f"No such seat: {'x' * 40}. " + "This show has the seats 1 to 23, labelled A1 to C3.",
        ),
        (["A5", "a5", 6, "6"], "Named more than once: A5, A6."),
    ],
)
def test_the_message_for_unknown_seats(names, message):
    assert detail_of(lambda: PLAN.find(names)) == message


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        (-1, "-1"),
        (1.5, "1.5"),
        (True, "true"),
        (None, "neither a number nor a text"),
        (10**40 - 1, "9" * 40),
        (10**40, "a number with many digits"),
        ("x" * 40, "x" * 40),
        ("x" * 41, "x" * 40 + "…"),
        (-(10**40), "a number with many digits"),
        ("é\n", "\\xe9\\n"),
    ],
)
def test_how_an_unknown_seat_name_is_displayed(name, shown):
    assert refusal(lambda: PLAN.find([name])).facts["seats"] == [shown]


def test_the_messages_for_forbidden_requests():
    assert detail_of(MARIA.require_staff) == "This is for the cinema's staff."
    assert detail_of(MARIA.require_admin) == "This is for admins."
    assert detail_of(lambda: MARIA.require_own(AccountId(2))) == "This belongs to another account."


def test_the_message_for_a_refresh_token_on_the_wrong_path():
    assert (
        detail_of(lambda: a_session().check(NOW, rotates=False))
        == "This refresh token is renewed on another path."
    )


def test_the_messages_for_closed_sales(transactions):
    show = a_show(cancelled_at=NOW)
    assert detail_of(lambda: sold_at_once(show, [], CUSTOMER, NOW)) == "This show was cancelled."
    twin = put_on(transactions, a_show(rehearsal=True))
    customer = register(transactions)
    service = BookingService(transactions, SalesPolicy(SALES_GRACE))
    assert (
        detail_of(lambda: service.book(twin.id, [1], customer))
        == "This show is a rehearsal: its seats are not for sale."
    )
    with pytest.raises(InvalidFields) as refused:
        service.book(twin.id, [], customer)
    assert refused.value.facts["errors"] == {"seats": ["1 to 10 seats can be booked at once."]}


def test_the_message_for_the_seat_limit():
    refused = SeatLimit(limit=10, held=8)
    assert refused.detail == (
        "An account may have 10 seats for a show; this one has 8, "
        "including those that it holds or waits for."
    )
    assert refused.facts == {"limit": 10, "held": 8}


@pytest.mark.parametrize(("seconds", "minutes"), [(1, 1), (60, 1), (61, 2), (900, 15)])
def test_the_message_for_too_many_attempts(seconds, minutes):
    refused = TooManyAttempts(retry_after=seconds)
    assert refused.detail == f"Too many attempts. Try again in {minutes} min."
    assert refused.facts == {"retry_after": seconds}


def test_the_message_for_a_show_that_cannot_be_rehearsed(transactions, clock):
    show = put_on(transactions)
    clock.now = TOMORROW
    assert (
        detail_of(lambda: RehearsalService(transactions).find(show.id))
        == "This show has begun or is cancelled: there is no on-sale to rehearse."
    )


def test_the_messages_for_missing_fields_of_a_show(transactions):
    service = ProgrammeService(transactions, timedelta(0))
    assert refusal(lambda: service.add_show(ShowDraft())).facts["errors"] == {
        "movie_id": ["There is no such movie."],
        "screen_id": ["There is no such screen."],
        "starts_at": ["A start time is required."],
    }
    assert refusal(lambda: service.add_show(ShowDraft(screen_name="New"))).facts["errors"][
        "total_seats"
    ] == ["Required for a new screen."]


def test_the_messages_for_a_refused_import(transactions):
    show = put_on(transactions)
    there, then = show.screen.name, show.starts_at
    programme = Programme(
        faults=[Fault("line 1", "", "Unreadable.")],
        movies=[
            MovieEntry("line 2", Movie(title="Up", duration_minutes=96)),
            MovieEntry("line 3", Movie(title="Up", duration_minutes=99)),
            MovieEntry("line 4", Movie(title="", duration_minutes=99)),
        ],
        screens=[ScreenEntry(where="line 5", name=there, rows=1, seats_per_row=9)],
        shows=[
            ShowEntry(where="line 6", movie="Alien", screen="Nowhere", starts_at=then),
            ShowEntry(where="line 7", movie="Up", screen=there, starts_at=then),
            ShowEntry(where="line 8", movie="", screen=there, starts_at=then),
        ],
    )
    with pytest.raises(ImportRefused) as refused:
        ProgrammeService(transactions, timedelta(0)).load(programme)
    assert [tuple(fault.values()) for fault in refused.value.facts["faults"]] == [
        ("line 1", "", "Unreadable."),
        ("line 4", "title", "This may not be empty."),
        ("line 8", "movie", "This may not be empty."),
        ("line 3", "duration_minutes", "line 2 has 96."),
        ("line 5", "rows", "This screen exists and has 50 seats in rows of 10."),
        ("line 6", "movie", "There is no movie of this title."),
        ("line 6", "screen", "There is no screen of this name."),
        ("line 7", "starts_at", "The screen shows 'Metropolis' at that time."),
    ]
