"""Paths of earlier systems, for clients that were written against their documents.

They lead to the same services as the main paths. This module has all of them: a table of paths,
and the few views whose requests or responses differ.
"""

from typing import Any, NamedTuple

from flask import Response, request
from marshmallow import ValidationError, fields, validates_schema

from ticketing.domain.accounts.account import Account, AccountId
from ticketing.domain.paging import Page
from ticketing.entrypoints.http.api import accounts, bookings, movies, shows
from ticketing.entrypoints.http.api.bookings import BookingSchema
from ticketing.entrypoints.http.api.seat_choice import NamedSeatsSchema
from ticketing.entrypoints.http.web.auth import actor, authenticated
from ticketing.entrypoints.http.web.context import office
from ticketing.entrypoints.http.web.idempotency import KEY_PARAMETER, REPLAYED_HEADER
from ticketing.entrypoints.http.web.openapi import Resource, View
from ticketing.entrypoints.http.web.paging import PageQuery
from ticketing.entrypoints.http.web.password_checks import checks_password
from ticketing.entrypoints.http.web.rate_limits import BUYING, LOG_IN, RENEWAL, limited
from ticketing.entrypoints.http.web.request_body import path_errors_first
from ticketing.entrypoints.http.web.schemas import LOCATION_HEADER, Answer, Id
from ticketing.entrypoints.http.web.tokens import access_token_for, read_refresh_token, tokens_for

blueprint = Resource("predecessors", __name__, description="Earlier paths, for existing clients")


class AccessTokenSchema(Answer):
    """A new access token."""

    access = fields.Str(metadata={"example": "eyJhbGciOiJIUzI1NiIs…"})


class BookShowSchema(NamedSeatsSchema):
    """`show_id` or `show`, and the seats."""

    show_id = Id(metadata={"example": 1})
    show = Id()

    @validates_schema(pass_original=True, skip_on_field_errors=False)
    def has_one_show(self, data: Any, given: dict[str, Any], **kwargs: Any) -> None:
        if ("show_id" in given) == ("show" in given):
            raise ValidationError("Either show_id or show is required, not both.", "show_id")


@blueprint.arguments(accounts.LogInSchema)
@blueprint.response(200, accounts.TokensSchema)
@blueprint.alt_response(401, "UNAUTHORIZED")
@limited(LOG_IN)
@checks_password
def log_in_without_rotation(given: dict[str, Any]) -> dict[str, Any]:
    """Log in

    The refresh token remains the same for the whole session.
    """
    address = request.remote_addr or ""
    return tokens_for(office().sessions.log_in(**given, address=address, rotates=False))


@blueprint.arguments(accounts.RefreshSchema)
@blueprint.response(200, AccessTokenSchema)
@blueprint.alt_response(401, "UNAUTHORIZED")
@limited(RENEWAL)
def refresh_access(given: dict[str, str]) -> dict[str, Any]:
    """Get a new access token

    For refresh tokens from `/login`, `/token/` and `/api/token/` only.
    """
    token = read_refresh_token(given["refresh"])
    return access_token_for(office().sessions.reuse(token.account_id, token.session_id))


@authenticated
@blueprint.arguments(BookShowSchema)
@blueprint.response(201, BookingSchema, headers={**LOCATION_HEADER, **REPLAYED_HEADER})
@blueprint.alt_response(404, "NOT_FOUND")
@blueprint.alt_response(409, "CONFLICT")
@blueprint.doc(parameters=[KEY_PARAMETER])
@limited(BUYING)
def book_show(given: dict[str, Any]) -> Response:
    """Book seats of a show"""
    show_id = given.get("show_id") or given["show"]
    return bookings.sell(given["seats"], show_id=show_id)


def _find_account(user_id: int) -> Account:
    """Return the caller's account, or any for staff. Raises Forbidden and AccountNotFound."""
    actor().require_own(AccountId(user_id))
    return office().queries.accounts.account(AccountId(user_id))


@authenticated
@path_errors_first(_find_account)
@blueprint.paginated(BookingSchema, bookings.BookingListArgs)
@blueprint.alt_response(403, "FORBIDDEN")
def list_bookings_of_user(query: PageQuery, user_id: int) -> Page[dict[str, Any]]:
    """List the bookings of a user, newest first (the user and staff)"""
    return bookings.bookings_of(_find_account(user_id).id, query)


class Path(NamedTuple):
    """A path, the documents that have it, and its view."""

    document: str
    method: str
    rule: str
    view: View


PATHS = (
    Path("000", "POST", "/api/users/signup", accounts.sign_up),
    Path("000", "POST", "/api/users/login", accounts.log_in),
    Path("001", "POST", "/signup", accounts.sign_up),
    Path("001", "POST", "/login", log_in_without_rotation),
    Path("001", "POST", "/token", log_in_without_rotation),
    Path("001", "POST", "/api/token", log_in_without_rotation),
    Path("001", "POST", "/api/token/refresh", refresh_access),
    Path("001, 003", "GET", "/movies", authenticated(movies.list_movies)),
    Path(
        "001, 003", "GET", "/movies/<id:movie_id>/shows", authenticated(shows.list_shows_of_movie)
    ),
    Path("001", "POST", "/shows/<id:show_id>/book", bookings.book_seats),
    Path("001", "GET", "/my-bookings", bookings.list_my_bookings),
    Path("001", "POST", "/bookings/<id:booking_id>/cancel", bookings.cancel_booking),
    Path("002", "POST", "/api/signup", accounts.sign_up),
    Path("002", "POST", "/api/login", accounts.log_in),
    Path("003", "POST", "/bookings", book_show),
    Path("003", "DELETE", "/bookings/<id:booking_id>", bookings.cancel_booking),
    Path("003", "GET", "/users/<id:user_id>/bookings", list_bookings_of_user),
)

for number, path in enumerate(PATHS):
    blueprint.add_url_rule(
        path.rule,
        f"{path.view.__name__}_{number}",
        blueprint.doc(deprecated=True)(path.view),
        methods=[path.method],
        tags=[f"Document {path.document}"],
        operation_id=f"{path.view.__name__}_{number}",
    )
