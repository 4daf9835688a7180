"""Base classes of the forms: submission, errors beside fields, edit conflicts."""

import hashlib
from collections.abc import Callable
from datetime import datetime
from typing import Any, ClassVar, TypeVar

from flask import Response, g, request
from flask_wtf import FlaskForm
from markupsafe import Markup
from werkzeug.datastructures import CombinedMultiDict, MultiDict
from werkzeug.wrappers import Response as BaseResponse
from wtforms import Field, HiddenField, SubmitField
from wtforms.widgets import DateTimeLocalInput

from ticketing.domain.errors import Conflict, DomainError, Invalid
from ticketing.domain.times import moment_from
from ticketing.entrypoints.http.admin.rendering import page, redirect_with_message
from ticketing.entrypoints.http.web.context import config
from ticketing.entrypoints.http.web.problems import status_of

T = TypeVar("T")

_EDIT_CONFLICT = (
    "Someone else changed this while you were editing. Reload the page to see the current "
    "version, or save again to overwrite it."
)


class StaffForm(FlaskForm):
    """A form that shows ``handled_errors`` on its page. Other errors get a page of their own.

    After a failed submission, ``status`` is the HTTP status and ``error_facts`` are the facts of
    the error.
    """

    handled_errors: ClassVar[tuple[type[DomainError], ...]] = (Invalid, Conflict)

    def __init__(self, **initial: Any) -> None:
        sent: MultiDict[str, Any] | None = None
        if request.method == "POST":
            sent = CombinedMultiDict([request.files, request.form])
        super().__init__(formdata=sent, **initial)
        self.status = 200
        self.error_facts: dict[str, Any] = {}
        for field in self:
            if field.description:
                field.description = _linked(field, field.description)

    def submit(
        self, action: Callable[[], T], on_success: Callable[[T], BaseResponse]
    ) -> BaseResponse | None:
        """Run ``action`` if the form was sent and is valid. None if the form is to be shown."""
        if not self.is_submitted():
            return None
        if not self.validate():
            self._show_errors(422)
            return None
        try:
            result = action()
        except self.handled_errors as error:
            self._add_error(error)
            return None
        return on_success(result)

    def page(self, template: str, **values: object) -> Response:
        """The page that shows the form, with the status of the last submission."""
        return page(template, self.status, form=self, **values)

    def _add_error(self, error: DomainError) -> None:
        """Show the error beside its fields, or at the top if it concerns none of them."""
        self.error_facts = error.facts
        g.code = error.code  # for the request log and the metrics
        messages = dict(error.facts.get("errors", {}))
        if isinstance(error, Invalid) and error.field:
            messages[error.field] = [error.detail]
        for name, found in messages.items():
            if name in self:
                self[name].errors = [*self[name].errors, *found]
            else:
                self.form_errors.extend(found)
        if not messages:
            self.form_errors.append(error.detail)
        self._show_errors(status_of(error))

    def _show_errors(self, status: int) -> None:
        self.status = status
        invalid = [field for field in self if field.errors]
        for field in invalid:
            field.errors = [_linked(field, " ".join(field.errors))]
            field.render_kw["aria-invalid"] = "true"
        if invalid:
            invalid[0].render_kw["autofocus"] = True


def _linked(field: Field, text: str) -> Markup:
    """The text below a field, linked by ``aria-describedby``, which Bootstrap-Flask omits."""
    hint_id = f"{field.id}-hint"
    field.render_kw = {**(field.render_kw or {}), "aria-describedby": hint_id}
    return Markup('<span id="{}">{}</span>').format(hint_id, text)


class EditForm(StaffForm):
    """A form filled with a stored record. It rejects edits of an outdated version."""

    version = HiddenField()

    def __init__(self, **initial: Any) -> None:
        super().__init__(**initial)
        stored = repr([field.object_data for field in self])
        current = hashlib.sha256(stored.encode()).hexdigest()
        self._is_outdated = bool(self.version.data) and self.version.data != current
        self.version.data = current

    def submit(
        self, action: Callable[[], T], on_success: Callable[[T], BaseResponse]
    ) -> BaseResponse | None:
        if not self._is_outdated:
            return super().submit(action, on_success)
        self.form_errors.append(_EDIT_CONFLICT)
        self._show_errors(409)
        return None


class ConfirmForm(StaffForm):
    confirm = SubmitField()


def confirm(
    label: str, action: Callable[[], object], message: str, address: str, **question: object
) -> BaseResponse:
    """Run ``action`` once its button ``label`` was pressed, then show ``message`` at ``address``.

    Until then, show a page with the ``question``, its ``effect``, and an address to go ``back`` to.
    """
    form = ConfirmForm()
    form.confirm.label.text = label
    return form.submit(action, lambda _: redirect_with_message(message, address)) or form.page(
        "confirm.html", **question
    )


class LocalDateTimeField(Field):
    """A date and time in the cinema's time zone; ``data`` is aware."""

    widget = DateTimeLocalInput()
    data: datetime | None

    def _value(self) -> str:
        return str(self.raw_data[0]) if self.raw_data else self._text(self.data)

    def process_formdata(self, valuelist: list[str]) -> None:
        """Keep the stored time if its text is unchanged: an ambiguous hour stays the same."""
        text = valuelist[0] if valuelist else ""
        if text != self._text(self.object_data):
            self.data = moment_from(text, config().timezone) if text else None

    def _text(self, moment: datetime | None) -> str:
        if moment is None:
            return ""
        local = moment.astimezone(config().timezone).replace(tzinfo=None)
        return local.isoformat(timespec="minutes")
