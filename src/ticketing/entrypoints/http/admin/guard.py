"""Around every page: who may see it, and what an answer of HTML has to say of itself."""

import re

from flask import Blueprint, Response, flash, g, redirect, request, url_for
from flask_wtf.csrf import CSRFProtect
from werkzeug.wrappers import Response as BaseResponse

from ticketing.entrypoints.http.admin.staff_session import PATH, who

CONTENT_SECURITY_POLICY = "; ".join(
    (
        "default-src 'none'",
        "style-src 'self'",
        "img-src 'self' data:",  # Bootstrap's style sheet carries small pictures
        "base-uri 'none'",
        "form-action 'self'",
        "frame-ancestors 'none'",
    )
)
_HEADERS = {
    "Content-Security-Policy": CONTENT_SECURITY_POLICY,
    "Cache-Control": "no-store",
    "X-Robots-Tag": "noindex",
}
_OPEN = ("admin.static", "admin.sessions.log_in")
_OWN_PAGE = re.compile(rf"{PATH}/[A-Za-z0-9/_-]*(\?[A-Za-z0-9=&_-]*)?")

csrf = CSRFProtect()


def register(pages: Blueprint) -> None:
    pages.before_request(_admit)
    pages.after_request(_label)


def own_page(address: str) -> str | None:
    """``address`` if it is a page of ours, and not one elsewhere that looks like it."""
    return address if _OWN_PAGE.fullmatch(address) else None


def _admit() -> BaseResponse | None:
    known = g.staff = None if request.endpoint == "admin.static" else who()
    if known is not None:
        g.actor = known.actor  # whom the log names
    elif request.endpoint not in _OPEN:
        if request.method == "POST":
            flash("You were no longer logged in, so nothing was changed.", "warning")
        return redirect(url_for("admin.sessions.log_in", next=_asked_for()))
    csrf.protect()
    return None


def _asked_for() -> str | None:
    """What to show after the log-in; what was sent with a form is lost anyway."""
    return own_page(request.full_path.rstrip("?")) if request.method == "GET" else None


def _label(answer: Response) -> Response:
    if answer.mimetype == "text/html":
        answer.headers.update(_HEADERS)
    return answer
