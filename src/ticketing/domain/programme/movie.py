"""A movie of the programme."""

from dataclasses import dataclass, replace
from typing import Any, NewType

from ticketing.domain.errors import refuse_faults
from ticketing.domain.text import text_fault

MovieId = NewType("MovieId", int)

MAX_MINUTES = 24 * 60


def title_fault(title: str) -> str | None:
    return text_fault(title, min_length=1, max_length=200)


def duration_fault(minutes: int) -> str | None:
    if 1 <= minutes <= MAX_MINUTES:
        return None
    return f"A running time of 1 to {MAX_MINUTES} minutes is required."


def description_fault(description: str) -> str | None:
    return text_fault(description, max_length=5000)


def rating_fault(rating: str) -> str | None:
    return text_fault(rating, max_length=20)


def language_fault(language: str) -> str | None:
    return text_fault(language, max_length=35)  # the longest BCP 47 tag to be expected (RFC 5646)


@dataclass(frozen=True, slots=True, kw_only=True)
class Movie:
    """A movie of the programme.

    ``rating`` is its certificate as the cinema's country writes it ("12A", "PG-13"), ``language``
    a BCP 47 tag or a plain name; both may be empty. ``id`` is 0 until the store assigns one.
    """

    id: MovieId = MovieId(0)
    title: str
    duration_minutes: int
    description: str = ""
    rating: str = ""
    language: str = ""

    def checked(self) -> "Movie":
        """Return this movie with its texts trimmed. Raises InvalidFields for all invalid fields."""
        refuse_faults(
            title=title_fault(self.title),
            duration_minutes=duration_fault(self.duration_minutes),
            description=description_fault(self.description),
            rating=rating_fault(self.rating),
            language=language_fault(self.language),
        )
        return replace(
            self,
            title=self.title.strip(),
            description=self.description.strip(),
            rating=self.rating.strip(),
            language=self.language.strip(),
        )

    def changed(self, **fields: Any) -> "Movie":
        """Return this movie with the given fields changed. Raises InvalidFields."""
        return replace(self, **fields).checked()
