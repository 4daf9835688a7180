"""Whether the process lives, and whether it can work."""

from flask import Response
from marshmallow import fields

from ticketing.entrypoints.http.web.context import served
from ticketing.entrypoints.http.web.problems import problem
from ticketing.entrypoints.http.web.resource import Resource
from ticketing.entrypoints.http.web.schemas import Answer

blueprint = Resource("health", __name__, description="For whoever operates this")


class HealthSchema(Answer):
    """All is well."""

    status = fields.Str(required=True, metadata={"example": "ok"})


@blueprint.route("/healthz")
@blueprint.response(200, HealthSchema)
def is_alive() -> dict[str, str]:
    """The process lives"""
    return {"status": "ok"}


@blueprint.route("/readyz")
@blueprint.response(200, HealthSchema)
def is_ready() -> dict[str, str] | Response:
    """The database answers and is migrated

    503 `not_ready` where it is not, `busy` where it does not answer.
    """
    if served().is_ready():
        return {"status": "ok"}
    return problem(503, "not_ready", "The database schema is out of date: run `ticketing migrate`.")
