"""Movies and screens as rows."""

from typing import Any

from sqlalchemy import Connection, Row, Select, delete, insert, select, update

from ticketing.adapters.sql.engine.database import Database
from ticketing.adapters.sql.tables import movies, screens
from ticketing.domain.programme.errors import MovieNotFound, ScreenNotFound
from ticketing.domain.programme.movie import Movie, MovieId
from ticketing.domain.programme.screen import Screen, ScreenId
from ticketing.domain.programme.seat_plan import SeatPlan
from ticketing.domain.text import comparison_key, is_wellformed

# --- rows to entities; the labels are unique in joins

MOVIE_COLUMNS = [
    movies.c.id.label("movie_id"),
    movies.c.title,
    movies.c.duration_minutes,
    movies.c.description,
    movies.c.rating,
    movies.c.language,
]
SCREEN_COLUMNS = [
    screens.c.id.label("screen_id"),
    screens.c.name.label("screen_name"),
    screens.c.total_seats.label("screen_seats"),
    screens.c.seats_per_row.label("screen_width"),
]


def movie_of(row: Row[Any]) -> Movie:
    return Movie(
        id=row.movie_id,
        title=row.title,
        duration_minutes=row.duration_minutes,
        description=row.description,
        rating=row.rating,
        language=row.language,
    )


def screen_of(row: Row[Any]) -> Screen:
    plan = SeatPlan(row.screen_seats, row.screen_width)
    return Screen(id=row.screen_id, name=row.screen_name, plan=plan)


def select_movies() -> Select[Any]:
    return select(*MOVIE_COLUMNS)


def select_screens() -> Select[Any]:
    return select(*SCREEN_COLUMNS)


def select_movie(movie_id: MovieId) -> Select[Any]:
    return select_movies().where(movies.c.id == movie_id)


def movie_or_refusal(row: Row[Any] | None) -> Movie:
    """Return the movie of the row. Raises MovieNotFound for None."""
    if row is None:
        raise MovieNotFound()
    return movie_of(row)


# --- the ports


def _movie_values(movie: Movie) -> dict[str, Any]:
    return {
        "title": movie.title,
        "title_key": comparison_key(movie.title),
        "duration_minutes": movie.duration_minutes,
        "description": movie.description,
        "rating": movie.rating,
        "language": movie.language,
    }


class SqlMovies:
    """The ``Movies`` port."""

    def __init__(self, connection: Connection, database: Database) -> None:
        self._connection = connection
        self._database = database

    def add(self, movie: Movie) -> Movie:
        statement = insert(movies).values(_movie_values(movie)).returning(*MOVIE_COLUMNS)
        return movie_of(self._connection.execute(statement).one())

    def get(self, movie_id: MovieId) -> Movie:
        return movie_or_refusal(self._connection.execute(select_movie(movie_id)).first())

    def lock(self, movie_id: MovieId) -> Movie:
        # FOR NO KEY UPDATE lets concurrent transactions add shows of the movie. Else an import,
        # which locks the table, would wait for us while we wait for the table.
        held = select_movie(movie_id).with_for_update(key_share=True)
        return movie_or_refusal(self._connection.execute(held).first())

    def lock_all(self) -> None:
        self._database.lock_table(self._connection, movies)

    def find_title(self, title: str) -> Movie | None:
        if not is_wellformed(title):
            return None
        wanted = select_movies().where(movies.c.title_key == comparison_key(title))
        row = self._connection.execute(wanted.order_by(movies.c.id).limit(1)).first()
        return None if row is None else movie_of(row)

    def save(self, movie: Movie) -> None:
        self._connection.execute(
            update(movies).where(movies.c.id == movie.id).values(_movie_values(movie))
        )

    def remove(self, movie_id: MovieId) -> None:
        self._connection.execute(delete(movies).where(movies.c.id == movie_id))


class SqlScreens:
    """The ``Screens`` port."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def add(self, screen: Screen) -> Screen:
        statement = insert(screens).returning(*SCREEN_COLUMNS)
        values = {
            "name": screen.name,
            "name_key": comparison_key(screen.name),
            "total_seats": screen.plan.total_seats,
            "seats_per_row": screen.plan.seats_per_row,
        }
        return screen_of(self._connection.execute(statement, values).one())

    def get(self, screen_id: ScreenId) -> Screen:
        wanted = select_screens().where(screens.c.id == screen_id)
        row = self._connection.execute(wanted).first()
        if row is None:
            raise ScreenNotFound()
        return screen_of(row)

    def lock(self, screen_id: ScreenId) -> None:
        row = select(screens.c.id).where(screens.c.id == screen_id)
        # FOR NO KEY UPDATE lets other transactions refer to the row meanwhile.
        self._connection.execute(row.with_for_update(key_share=True))

    def find_name(self, name: str) -> Screen | None:
        if not is_wellformed(name):
            return None
        wanted = select_screens().where(screens.c.name_key == comparison_key(name))
        row = self._connection.execute(wanted).first()
        return None if row is None else screen_of(row)
