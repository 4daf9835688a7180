"""What the answers of several resources have in common."""

from marshmallow import Schema, fields


class MovieRefSchema(Schema):
    """The movie of a show."""

    id = fields.Int(required=True, metadata={"example": 1})
    title = fields.Str(required=True, metadata={"example": "Inception"})
    duration_minutes = fields.Int(required=True, metadata={"example": 148})
