"""Whether the process lives, and whether it can work."""

from marshmallow import fields

from ticketing.domain.errors import NotReady
from ticketing.entrypoints.http.web.context import served
from ticketing.entrypoints.http.web.rate_limits import unlimited
from ticketing.entrypoints.http.web.resource import Resource
from ticketing.entrypoints.http.web.schemas import Answer

blueprint = Resource("health", __name__, description="For whoever operates this")


class HealthSchema(Answer):
    """All is well."""

    status = fields.Str(required=True, metadata={"example": "ok"})


@blueprint.route("/healthz")
@unlimited
@blueprint.response(200, HealthSchema)
def is_alive() -> dict[str, str]:
    """The process lives"""
    return {"status": "ok"}


@blueprint.route("/readyz")
@unlimited
@blueprint.response(200, HealthSchema)
def is_ready() -> dict[str, str]:
    """The database answers and is migrated

    503 `not_ready` where it is not, `busy` where it does not answer.
    """
    if served().is_ready():
        return {"status": "ok"}
    raise NotReady()
