"""Fields and schemas that several resources share. The rules of fields come from the domain."""

from collections.abc import Callable
from datetime import UTC, datetime, tzinfo
from typing import Any

from marshmallow import INCLUDE, Schema, ValidationError, fields, validate

from ticketing.domain.times import moment_from
from ticketing.entrypoints.http.web.context import config
from ticketing.entrypoints.http.web.request_body import MAX_ID

LOCATION_HEADER = {
    "Location": {"description": "URL of the new resource", "schema": {"type": "string"}}
}


class Answer(Schema):
    """A body of a response. It has all members; more may be added, and the document says so."""

    class Meta:
        unknown = INCLUDE

    def on_bind_field(self, field_name: str, field_obj: fields.Field[Any]) -> None:
        field_obj.required = True


class MovieRefSchema(Answer):
    """The movie of a show."""

    id = fields.Int(metadata={"example": 1})
    title = fields.Str(metadata={"example": "Inception"})
    duration_minutes = fields.Int(metadata={"example": 148})


def _obeys(rule: Callable[[Any], str | None]) -> Callable[[Any], None]:
    """Return a validator from a rule of the domain, which returns the fault of a value."""

    def validate_(value: Any) -> None:
        if fault := rule(value):
            raise ValidationError(fault)

    return validate_


class Text(fields.String):
    """Text that obeys ``rule``."""

    def __init__(self, rule: Callable[[str], str | None], **kwargs: Any) -> None:
        super().__init__(validate=_obeys(rule), **kwargs)


class WholeNumber(fields.Integer):
    """A JSON integer that obeys ``rule``."""

    def __init__(self, rule: Callable[[int], str | None], **kwargs: Any) -> None:
        super().__init__(strict=True, validate=_obeys(rule), **kwargs)


class Id(fields.Integer):
    """An id in a body."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(strict=True, validate=validate.Range(1, MAX_ID), **kwargs)


class TrueOrFalse(fields.Boolean):
    """A JSON boolean: neither 1 nor "yes"."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> bool:
        if not isinstance(value, bool):
            raise self.make_error("invalid", input=value)
        return value


class QueryWholeNumber(fields.Integer):
    """An integer in a query string, in ASCII digits."""

    def _validated(self, value: Any) -> int:
        if not (value.isascii() and value.removeprefix("-").isdigit()):  # int() takes more
            raise self.make_error("invalid")
        return super()._validated(value)


class QueryTrueOrFalse(fields.Boolean):
    """A boolean in a query string: `true` or `false`."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(truthy={"true"}, falsy={"false"}, **kwargs)


class QueryId(QueryWholeNumber):
    """An id in a query string."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(validate=validate.Range(1, MAX_ID), **kwargs)


class Moment(fields.DateTime):
    """A time: parsed with any offset or in the cinema's zone, rendered in UTC."""

    def __init__(
        self, parse: Callable[[str, tzinfo], datetime] = moment_from, **kwargs: Any
    ) -> None:
        super().__init__(**kwargs)
        self._parse = parse

    def _serialize(self, value: Any, attr: str | None, obj: Any, **kwargs: Any) -> str | None:
        return None if value is None else rfc3339(value)

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> datetime:
        if not isinstance(value, str):
            raise ValidationError("Must be a string such as 2026-11-20T19:30:00Z.")
        try:
            return self._parse(value, config().timezone)
        except ValueError as error:
            raise ValidationError(str(error)) from error


class QueryMoment(Moment):
    """A time in a query string, where an unescaped plus sign arrives as a blank."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> datetime:
        date_and_time, blank, offset = str(value).rpartition(" ")
        fixed = f"{date_and_time}+{offset}" if blank and "T" in date_and_time else value
        return super()._deserialize(fixed, attr, data, **kwargs)


def rfc3339(moment: datetime) -> str:
    """Return ``moment`` in UTC as RFC 3339 text that ends with Z."""
    return moment.astimezone(UTC).isoformat().replace("+00:00", "Z")
