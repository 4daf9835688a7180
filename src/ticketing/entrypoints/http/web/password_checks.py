"""The compartment of views that check or hash passwords, which is slow on purpose."""

from collections.abc import Callable
from functools import wraps
from typing import ParamSpec, TypeVar

from flask import request

from ticketing.domain.accounts.throttle import network_of
from ticketing.entrypoints.http.web.context import served

P = ParamSpec("P")
T = TypeVar("T")


def checks_password(view: Callable[P, T]) -> Callable[P, T]:
    """Decorate a view, or the part that checks the password: it holds a place meanwhile.

    It raises Overloaded where too many requests, or too many of one client address, do so.
    """

    @wraps(view)
    def in_compartment(*args: P.args, **kwargs: P.kwargs) -> T:
        with served().password_checks(network_of(request.remote_addr or "")):
            return view(*args, **kwargs)

    return in_compartment
