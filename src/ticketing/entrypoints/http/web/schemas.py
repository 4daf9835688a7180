"""What the answers of several resources have in common."""

from marshmallow import INCLUDE, Schema, fields

LOCATION_HEADER = {
    "Location": {"description": "Where the new one is", "schema": {"type": "string"}}
}


class Answer(Schema):
    """Something we answer. The document says that members may be added to it some day."""

    class Meta:
        unknown = INCLUDE


class MovieRefSchema(Answer):
    """The movie of a show."""

    id = fields.Int(required=True, metadata={"example": 1})
    title = fields.Str(required=True, metadata={"example": "Inception"})
    duration_minutes = fields.Int(required=True, metadata={"example": 148})
