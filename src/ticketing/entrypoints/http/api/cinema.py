"""The cinema itself."""

from marshmallow import fields

from ticketing.entrypoints.http.web.context import config
from ticketing.entrypoints.http.web.openapi import Resource
from ticketing.entrypoints.http.web.schemas import Answer

blueprint = Resource("cinema", __name__, description="The cinema")


class CinemaSchema(Answer):
    """The cinema. Times in requests without an offset are in its `timezone`."""

    name = fields.Str(metadata={"example": "Metropolis"})
    timezone = fields.Str(metadata={"example": "Europe/London"})


@blueprint.route("/cinema")
@blueprint.response(200, CinemaSchema)
def get_cinema() -> dict[str, str]:
    """Get the cinema's name and time zone"""
    return {"name": config().cinema_name, "timezone": str(config().timezone)}
