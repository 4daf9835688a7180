"""The rate limits, and the reason for each number.

A limit stops programs that send requests without end; no customer in an on-sale ever reaches it.
So requests are counted by account where they carry a valid access token. Thousands of customers may
share an address, behind one campus or one mobile operator: it counts only without a token, and its
limits are wide.

Windows are fixed minutes and hours that begin with the first request. Two counters a request would
make them smooth, which limits as wide as these do not need.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeVar

View = TypeVar("View", bound=Callable[..., Any])


@dataclass(frozen=True, slots=True)
class Family:
    """Calls that are counted together.

    ``per_user`` is the limit with a valid access token; None where the call takes no token.
    """

    name: str
    per_address: str
    per_user: str | None = None


WATCHING = Family("watching", per_address="60000/minute", per_user="1200/minute")
"""Every view without a limit of its own: the programme, the seat map, my bookings.

A customer loads the seat map each second in three windows: 180 a minute; a script of the staff puts
a season on sale with ten requests a second: 600. Twice that. A thousand customers behind one
address, each with a request a second: 60,000, about half of what two cores serve.
"""

LOADING = Family("loading", per_address="60000/minute")
"""The files of the customers' pages. A page has up to thirty, and asks on each visit whether they
have changed: two visits a minute for each of a thousand customers behind one address. Counted
apart, so that loading a page never uses up what it then calls."""

BUYING = Family("buying", per_address="6000/minute", per_user="120/minute")
"""Booking and cancelling, every call on a hold, and leaving a waiting list. A customer who loses
seats to others tries ten times in a few seconds, and a bad line sends each try three times: 30.
Four such series a minute. Without a valid token every such request is refused; 100 a second leave
room for tokens that have just expired."""

HOLDING = Family("holding", per_address="6000/minute", per_user="30/minute; 120/hour")
"""New holds, and entries in waiting lists, which become holds. A customer who compares seats
changes one hold, rather than making others, and a hold keeps seats from everybody else for minutes.
So this limit is narrower than that of buying: ten tries that lose to others, each sent three times
over a bad line, and four such series an hour."""

LOG_IN = Family("log in", per_address="600/minute; 6000/hour")
"""A thousand customers behind one address log in during the five minutes before sales open, and
every second one mistypes: 300 a minute. Twice that, and six log-ins an hour for each. A password
takes 20 ms to verify: ten a second are an eighth of what two cores can do. The throttle of log-ins
stops guesses at one account far earlier."""

SIGN_UP = Family("sign up", per_address="300/minute; 3000/hour")
"""The same thousand customers sign up in ten minutes, with a mistake or two each: 200 a minute."""

RENEWAL = Family("renewal", per_address="6000/minute")
"""A customers' page renews the session when it is opened, since it keeps no access token: six pages
a minute for each of a thousand customers behind one address."""

PASSWORD = Family("password", per_address="60/minute; 600/hour", per_user="10/minute")
"""Changing a password, which customers do once a year."""

PASSWORD_RESET = Family("password reset", per_address="60/minute; 600/hour")
"""Requesting a reset mail, which may go to another customer's mailbox, and using it. Neither takes
a token, so sending one raises no limit."""


def limited(family: Family | None) -> Callable[[View], View]:
    """Decorate a view: its calls count in ``family``, whichever path leads to it."""

    def mark(view: View) -> View:
        view.rate_limit = family  # type: ignore[attr-defined]
        return view

    return mark


unlimited = limited(None)
"""Decorator for probes, which an operator may call as often as needed."""


def family_of(view: Callable[..., Any]) -> Family | None:
    """Return the family in which calls of ``view`` count; None for a probe."""
    family: Family | None = getattr(view, "rate_limit", WATCHING)
    return family
