"""The form of a show."""

from wtforms import IntegerField, SelectField, StringField, SubmitField, ValidationError
from wtforms.validators import InputRequired, Optional

from ticketing.domain.paging import Window
from ticketing.domain.programme.movie import Movie, MovieId
from ticketing.domain.programme.screen import ScreenId
from ticketing.domain.programme.show import Show
from ticketing.domain.programme.show_draft import ShowDraft
from ticketing.entrypoints.http.admin.forms import KnownForm, MomentField, StaffForm
from ticketing.entrypoints.http.web.context import office

_MOST_OFFERED = Window(0, 1000)


def _id(text: str | int | None) -> int | None:
    """What was chosen; nothing is a choice, too. Raises ValueError."""
    return int(text) if text else None


class ShowForm(StaffForm):
    movie_id = SelectField("Film", [InputRequired()], coerce=_id, validate_choice=False)
    starts_at = MomentField("Start", [InputRequired()])
    screen_id = SelectField("Screen", coerce=_id, validate_choice=False)
    screen_name = StringField("Name of a new screen", description="Instead of one of the list.")
    total_seats = IntegerField(
        "Seats",
        [Optional()],
        description="For a new screen, or where this show has more or fewer seats than its screen.",
        render_kw={"inputmode": "numeric"},
    )
    save = SubmitField("Save")

    def validate_screen_name(self, field: StringField) -> None:
        is_named, is_chosen = bool((field.data or "").strip()), self.screen_id.data is not None
        if is_named == is_chosen:
            raise ValidationError("Either choose a screen or name a new one.")

    def offer(self, film: Movie | None) -> None:
        """Fill the lists. ``film`` can be chosen even where there are too many to list them all."""
        films = list(office().queries.programme.movies("", _MOST_OFFERED).items)
        if film is not None and film.id not in {listed.id for listed in films}:
            films.insert(0, film)
        screens = office().queries.programme.screens(_MOST_OFFERED).items
        self.movie_id.choices = [
            ("", "Choose"),
            *((film.id, f"{film.title} ({film.duration_minutes} min)") for film in films),
        ]
        self.screen_id.choices = [
            ("", "Choose, or name a new one"),
            *(
                (screen.id, f"{screen.name} ({screen.plan.total_seats} seats)")
                for screen in screens
            ),
        ]

    def draft(self) -> ShowDraft:
        name = (self.screen_name.data or "").strip()
        return ShowDraft(
            movie_id=MovieId(self.movie_id.data or 0),
            screen_id=None if name else ScreenId(self.screen_id.data or 0),
            screen_name=name or None,
            starts_at=self.starts_at.data,
            total_seats=self.total_seats.data,
        )


class KnownShowForm(KnownForm, ShowForm):
    """The form of a show that is there."""


def form_of(show: Show) -> KnownShowForm:
    """The form, filled with what the show is now."""
    form = KnownShowForm(movie_id=show.movie.id, screen_id=show.screen.id, starts_at=show.starts_at)
    form.offer(show.movie)
    return form
