"""Schemas that several resources share."""

from marshmallow import INCLUDE, Schema, fields

LOCATION_HEADER = {
    "Location": {"description": "URL of the new resource", "schema": {"type": "string"}}
}


class Answer(Schema):
    """A body of a response. Members may be added to it later, and the document says so."""

    class Meta:
        unknown = INCLUDE


class MovieRefSchema(Answer):
    """The movie of a show."""

    id = fields.Int(required=True, metadata={"example": 1})
    title = fields.Str(required=True, metadata={"example": "Inception"})
    duration_minutes = fields.Int(required=True, metadata={"example": 148})
