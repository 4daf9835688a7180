"""How often somebody may ask, and why it is just that often.

A limit is for programs that ask without end; no person in an on-sale may ever meet it. So people
are told apart by their access token where they show a good one. An address is what thousands may
share, behind one campus or one mobile operator: it counts where there is no token, and widely.

Windows are fixed minutes and hours that begin with somebody's first request. Two counters a
request would make them smooth; bounds as wide as these need not be.
"""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Family:
    """Calls that are counted together. ``per_user`` is for who shows a good access token; where
    it is None, the call takes no token, and showing one changes nothing."""

    name: str
    per_address: str
    per_user: str | None = None


WATCHING = Family("watching", per_address="60000/minute", per_user="1200/minute")
"""All that is not named below: the programme, the seat map, one's own bookings.

A customer looks at the map each second, in three windows: 180 a minute; a script of the staff puts
a season on sale with ten a second: 600. Twice that. A thousand customers behind one address, each
looking once a second: 60,000, about half of what two cores answer.
"""

BUYING = Family("buying", per_address="6000/minute", per_user="120/minute")
"""Booking and cancelling. Somebody who loses seats to others tries ten times in a few seconds, and
each try is sent three times over a bad line: 30. Four such bouts a minute. Without a good token
such a request is refused anyway, a hundred a second for those whose tokens have just expired."""

LOG_IN = Family("log in", per_address="600/minute; 6000/hour")
"""A thousand customers behind one address log in during the five minutes before sales open, and
every second one mistypes: 300 a minute. Twice that, and in an hour each of them six times. A
password takes 20 ms to verify: ten a second are an eighth of what two cores can do. Guesses at one
account are stopped far earlier, by the throttle of log-ins."""

SIGN_UP = Family("sign up", per_address="300/minute; 3000/hour")
"""The same thousand open their accounts in the ten minutes before, with a mistake or two: 200."""

RENEWAL = Family("renewal", per_address="6000/minute")
"""A thousand customers whose tokens expire in the same minute, and who retry, in two windows."""

PASSWORD = Family("password", per_address="60/minute; 600/hour", per_user="10/minute")
"""Changing a password: what people do once a year."""

FORGOTTEN_PASSWORD = Family("forgotten password", per_address="60/minute; 600/hour")
"""Asking for a letter that lets one set a new password, which goes to somebody else's mailbox, too,
and using it. Neither takes a token, so showing one buys nothing."""

FAMILIES = {
    "book_seats": BUYING,
    "book_show": BUYING,
    "cancel_booking": BUYING,
    "log_in": LOG_IN,
    "log_in_for_good": LOG_IN,
    "sign_up": SIGN_UP,
    "refresh_tokens": RENEWAL,
    "refresh_access": RENEWAL,
    "change_password": PASSWORD,
    "request_password_reset": FORGOTTEN_PASSWORD,
    "reset_password": FORGOTTEN_PASSWORD,
    "send_mail": FORGOTTEN_PASSWORD,
    "set_password": FORGOTTEN_PASSWORD,
}
"""By the name of the view, whichever path leads to it."""

UNLIMITED = {"is_alive", "is_ready", "metrics"}
"""The probes of whoever operates this, who may not be told that all is well less often."""
