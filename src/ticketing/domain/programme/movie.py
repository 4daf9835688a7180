"""A movie of the programme."""

from dataclasses import dataclass, replace
from typing import NewType

from ticketing.domain.errors import refuse_faults
from ticketing.domain.text import text_fault

MovieId = NewType("MovieId", int)

MAX_MINUTES = 24 * 60


def title_fault(title: str) -> str | None:
    return text_fault(title, shortest=1, longest=200)


def duration_fault(minutes: int) -> str | None:
    if 1 <= minutes <= MAX_MINUTES:
        return None
    return f"A running time of 1 to {MAX_MINUTES} minutes is required."


def description_fault(description: str) -> str | None:
    return text_fault(description, longest=5000)


def rating_fault(rating: str) -> str | None:
    return text_fault(rating, longest=20)


def language_fault(language: str) -> str | None:
    return text_fault(language, longest=35)  # the longest BCP 47 tag to be expected (RFC 5646)


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

    @classmethod
    def new(
        cls,
        title: str,
        duration_minutes: int,
        description: str = "",
        rating: str = "",
        language: str = "",
    ) -> "Movie":
        """Return a movie with its texts trimmed. Raises InvalidFields for all invalid fields."""
        refuse_faults(
            title=title_fault(title),
            duration_minutes=duration_fault(duration_minutes),
            description=description_fault(description),
            rating=rating_fault(rating),
            language=language_fault(language),
        )
        return cls(
            title=title.strip(),
            duration_minutes=duration_minutes,
            description=description.strip(),
            rating=rating.strip(),
            language=language.strip(),
        )

    def changed(
        self,
        *,
        title: str | None = None,
        duration_minutes: int | None = None,
        description: str | None = None,
        rating: str | None = None,
        language: str | None = None,
    ) -> "Movie":
        """Return this movie with the given fields changed. Raises InvalidFields."""
        changed = Movie.new(
            self.title if title is None else title,
            self.duration_minutes if duration_minutes is None else duration_minutes,
            self.description if description is None else description,
            self.rating if rating is None else rating,
            self.language if language is None else language,
        )
        return replace(changed, id=self.id)
