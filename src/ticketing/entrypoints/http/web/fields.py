"""Fields that the schemas of several resources share. Their rules are the domain's."""

from collections.abc import Callable
from datetime import UTC, datetime, tzinfo
from typing import Any

from marshmallow import ValidationError, fields, validate

from ticketing.domain.text import text_fault
from ticketing.domain.times import end_of, moment_from, start_of
from ticketing.entrypoints.http.web.context import config
from ticketing.entrypoints.http.web.request_body import LARGEST_ID


def obeys(rule: Callable[[Any], str | None]) -> Callable[[Any], None]:
    """A rule of the domain, which tells a value's fault, as a validator."""

    def validate_(value: Any) -> None:
        if fault := rule(value):
            raise ValidationError(fault)

    return validate_


class Text(fields.String):
    """Text that obeys ``rule``."""

    def __init__(self, rule: Callable[[str], str | None], **kwargs: Any) -> None:
        super().__init__(validate=obeys(rule), **kwargs)


class SearchText(Text):
    """Text that somebody looks for."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(lambda text: text_fault(text, longest=200), load_default="", **kwargs)


class Whole(fields.Integer):
    """A whole number, written as one, that obeys ``rule``."""

    def __init__(self, rule: Callable[[int], str | None], **kwargs: Any) -> None:
        super().__init__(strict=True, validate=obeys(rule), **kwargs)


class Id(fields.Integer):
    """The id of something, in a body or a query."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(strict=True, validate=validate.Range(1, LARGEST_ID), **kwargs)


class QueryWhole(fields.Integer):
    """A whole number in a query string, where everything is text: ASCII digits."""

    def _validated(self, value: Any) -> int:
        if not (value.isascii() and value.removeprefix("-").isdigit()):  # int() takes more
            raise self.make_error("invalid")
        return super()._validated(value)


class QueryId(QueryWhole):
    """The id of something in a query string."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(validate=validate.Range(1, LARGEST_ID), **kwargs)


class Moment(fields.DateTime):
    """A time: any offset in, UTC with Z out. A naive one is in the cinema's zone."""

    read: Callable[[str, tzinfo], datetime] = staticmethod(moment_from)

    def _serialize(self, value: Any, attr: str | None, obj: Any, **kwargs: Any) -> str | None:
        return None if value is None else zulu(value)

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> datetime:
        if not isinstance(value, str):
            raise ValidationError("A text is wanted, such as 2026-11-20T19:30:00Z.")
        try:
            return self.read(value, config().timezone)
        except ValueError as error:
            raise ValidationError(str(error)) from error


class _Bound(Moment):
    """A time in a query string, where a plus sign that nobody escaped arrives as a blank."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> datetime:
        date_and_time, blank, offset = str(value).rpartition(" ")
        mended = f"{date_and_time}+{offset}" if blank and "T" in date_and_time else value
        return super()._deserialize(mended, attr, data, **kwargs)


class From(_Bound):
    """From then on; a bare date from where it begins."""

    read = staticmethod(start_of)


class Until(_Bound):
    """Before then; a bare date until it is over."""

    read = staticmethod(end_of)


def zulu(moment: datetime) -> str:
    """A moment in the one way in which we write it (RFC 3339)."""
    return moment.astimezone(UTC).isoformat().replace("+00:00", "Z")
