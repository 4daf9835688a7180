"""What all forms have in common: how they are read, and how they show a refusal."""

import hashlib
from collections.abc import Callable
from datetime import datetime
from typing import Any, ClassVar, TypeVar

from flask import g, request
from flask_wtf import FlaskForm
from markupsafe import Markup
from werkzeug.wrappers import Response
from wtforms import Field, HiddenField, SubmitField
from wtforms.widgets import DateTimeLocalInput

from ticketing.domain.errors import Conflict, DomainError, Invalid
from ticketing.domain.times import moment_from
from ticketing.entrypoints.http.web.context import config
from ticketing.entrypoints.http.web.problems import status_of

T = TypeVar("T")

_CHANGED_MEANWHILE = (
    "Somebody changed this while you did. Load the page anew to see how it is now; to have it as "
    "it stands here, save it once more."
)


class StaffForm(FlaskForm):
    """A form. It shows what is refused for one of the reasons ``shown``; ``refused`` has the facts.

    Any other refusal becomes a page of its own.
    """

    shown: ClassVar[tuple[type[DomainError], ...]] = (Invalid, Conflict)

    def __init__(self, **given: Any) -> None:
        sent = request.form if request.method == "POST" else None  # files are sent by no form
        super().__init__(formdata=sent, **given)
        self.status = 200
        self.refused: dict[str, Any] = {}
        for field in self:
            if field.description:
                field.description = _announced(field, field.description)

    def answer(self, work: Callable[[], T], then: Callable[[T], Response]) -> Response | None:
        """``then`` what ``work`` made of a form that was sent; None if it is to be shown."""
        if not self.is_submitted():
            return None
        if not self.validate():
            self._mark(422)
            return None
        try:
            made = work()
        except self.shown as refusal:
            self._refuse(refusal)
            return None
        return then(made)

    def _refuse(self, refusal: DomainError) -> None:
        """Show each fault beside its field, and what is about no field at the top."""
        self.refused = refusal.facts
        g.code = refusal.code  # for the log and the figures
        faults = dict(refusal.facts.get("errors", {}))
        if isinstance(refusal, Invalid) and refusal.field:
            faults[refusal.field] = [refusal.detail]
        for name, found in faults.items():
            if name in self:
                self[name].errors = [*self[name].errors, *found]
            else:
                self.form_errors.extend(found)
        if not faults:
            self.form_errors.append(refusal.detail)
        self._mark(status_of(refusal))

    def _mark(self, status: int) -> None:
        self.status = status
        faulty = [field for field in self if field.errors]
        for field in faulty:
            field.errors = [_announced(field, " ".join(field.errors))]
            field.render_kw["aria-invalid"] = "true"
        if faulty:
            faulty[0].render_kw["autofocus"] = True


def _announced(field: Field, told: str) -> Markup:
    """What stands below a field, for the field to name it: Bootstrap-Flask does not link them."""
    below = f"{field.id}-told"
    field.render_kw = {**(field.render_kw or {}), "aria-describedby": below}
    return Markup('<span id="{}">{}</span>').format(below, told)


class KnownForm(StaffForm):
    """A form that is filled with what is there, which nobody else may have changed since."""

    seen = HiddenField()

    def __init__(self, **given: Any) -> None:
        super().__init__(**given)
        filled_with = repr([field.object_data for field in self])
        now = hashlib.sha256(filled_with.encode()).hexdigest()
        self._is_outdated = bool(self.seen.data) and self.seen.data != now
        self.seen.data = now

    def answer(self, work: Callable[[], T], then: Callable[[T], Response]) -> Response | None:
        if not self._is_outdated:
            return super().answer(work, then)
        self.form_errors.append(_CHANGED_MEANWHILE)
        self._mark(409)
        return None


class ConfirmForm(StaffForm):
    """Nothing but a button, which says what it does."""

    confirm = SubmitField()

    def __init__(self, action: str) -> None:
        super().__init__()
        self.confirm.label.text = action


class MomentField(Field):
    """A date and a time of the cinema's zone."""

    widget = DateTimeLocalInput()
    data: datetime | None

    def _value(self) -> str:
        return str(self.raw_data[0]) if self.raw_data else self._written(self.data)

    def process_formdata(self, valuelist: list[str]) -> None:
        """What was shown and comes back is what it was: of an hour that is twice, the same one."""
        text = valuelist[0] if valuelist else ""
        if text != self._written(self.object_data):
            self.data = moment_from(text, config().timezone) if text else None

    def _written(self, moment: datetime | None) -> str:
        if moment is None:
            return ""
        local = moment.astimezone(config().timezone).replace(tzinfo=None)
        return local.isoformat(timespec="minutes")
