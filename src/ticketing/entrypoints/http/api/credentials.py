"""What is sent to say who somebody is, and what their password is to be."""

from typing import Any

from marshmallow import Schema, ValidationError, fields, post_load, validates_schema

NEW_PASSWORD = {
    "description": "8 to 128 characters, unless configured otherwise; not one of those that "
    "everybody takes, and not the username",
    "example": "a long pass phrase",
}
AGAIN = {"description": "The same again, if at all"}


class SomebodySchema(Schema):
    """`username` or `email`, not both. Either may hold the one or the other."""

    username = fields.Str(metadata={"example": "alice"})
    email = fields.Str(metadata={"description": "Instead of the username"})

    @validates_schema(pass_original=True, skip_on_field_errors=False)
    def names_somebody_once(self, data: Any, given: dict[str, Any], **kwargs: Any) -> None:
        if ("username" in given) == ("email" in given):
            raise ValidationError("Either username or email is wanted.", "username")

    @post_load
    def named(self, data: dict[str, Any], **kwargs: Any) -> dict[str, Any]:
        [name] = [data.pop(field) for field in ("username", "email") if field in data]
        return {"name": name, **data}


class NewPasswordSchema(Schema):
    """`new_password2`, where given, must repeat the password."""

    new_password = fields.Str(required=True, metadata=NEW_PASSWORD)
    new_password2 = fields.Str(metadata=AGAIN)

    @validates_schema(skip_on_field_errors=False)
    def repeats_the_password(self, data: dict[str, Any], **kwargs: Any) -> None:
        demand_repeated(data, "new_password")


def demand_repeated(given: dict[str, Any], field: str) -> None:
    """Raises ValidationError where a password was given twice, and not the same."""
    again = f"{field}2"
    if given.get(again, given.get(field)) != given.get(field):
        raise ValidationError("The passwords differ.", again)
