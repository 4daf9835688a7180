"""Health checks."""

from marshmallow import fields

from ticketing.domain.errors import NotReady
from ticketing.entrypoints.http.web.context import served
from ticketing.entrypoints.http.web.rate_limits import unlimited
from ticketing.entrypoints.http.web.resource import Resource
from ticketing.entrypoints.http.web.schemas import Answer

blueprint = Resource("health", __name__, description="Health checks for operators")


class HealthSchema(Answer):
    """The service works."""

    status = fields.Str(required=True, metadata={"example": "ok"})


@blueprint.route("/healthz")
@unlimited
@blueprint.response(200, HealthSchema)
def is_alive() -> dict[str, str]:
    """Check that the process is alive"""
    return {"status": "ok"}


@blueprint.route("/readyz")
@unlimited
@blueprint.response(200, HealthSchema)
def is_ready() -> dict[str, str]:
    """Check that the database is available and migrated

    503 `not_ready` if it is not migrated, `busy` if it does not respond.
    """
    if served().is_ready():
        return {"status": "ok"}
    raise NotReady()
