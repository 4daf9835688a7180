"""Movies and screens: rows and repositories."""

from typing import Any

from sqlalchemy import Connection, Row, Select, delete, insert, select, update

from ticketing.adapters.sql.engine.database import Database
from ticketing.adapters.sql.programme.seat_plan_cache import PlanOfRow
from ticketing.adapters.sql.programme.seat_plans import SqlSeatPlans
from ticketing.adapters.sql.tables import movies, screens, values_of
from ticketing.domain.programme.errors import MovieNotFound, ScreenNotFound
from ticketing.domain.programme.movie import Movie, MovieId
from ticketing.domain.programme.screen import Screen, ScreenId
from ticketing.domain.text import comparison_key, is_wellformed

# The labels are unique in joins.
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
    screens.c.plan_id.label("screen_plan_id"),
    screens.c.retired_at,
]


def movie_of(row: Row[Any] | None) -> Movie:
    """Raises MovieNotFound for None."""
    if row is None:
        raise MovieNotFound()
    return Movie(
        id=row.movie_id,
        title=row.title,
        duration_minutes=row.duration_minutes,
        description=row.description,
        rating=row.rating,
        language=row.language,
    )


def screen_of(row: Row[Any] | None, plans: SqlSeatPlans) -> Screen:
    """Raises ScreenNotFound for None."""
    if row is None:
        raise ScreenNotFound()
    plan = plans.of(PlanOfRow(row.screen_plan_id, row.screen_seats, row.screen_width))
    return Screen(id=row.screen_id, name=row.screen_name, plan=plan, retired_at=row.retired_at)


def select_movie(movie_id: MovieId) -> Select[Any]:
    return select(*MOVIE_COLUMNS).where(movies.c.id == movie_id)


def _movie_values(movie: Movie) -> dict[str, Any]:
    return {**values_of(movie, "id"), "title_key": comparison_key(movie.title)}


class SqlMovies:
    """The ``Movies`` port."""

    def __init__(self, connection: Connection, database: Database) -> None:
        self._connection = connection
        self._database = database

    def add(self, movie: Movie) -> Movie:
        statement = insert(movies).values(_movie_values(movie)).returning(*MOVIE_COLUMNS)
        return movie_of(self._connection.execute(statement).one())

    def get(self, movie_id: MovieId) -> Movie:
        return movie_of(self._connection.execute(select_movie(movie_id)).first())

    def lock(self, movie_id: MovieId) -> Movie:
        # FOR NO KEY UPDATE lets concurrent transactions add shows of the movie. Else an import,
        # which locks the table, would wait for us while we wait for the table.
        locked = select_movie(movie_id).with_for_update(key_share=True)
        return movie_of(self._connection.execute(locked).first())

    def lock_all(self) -> None:
        self._database.lock_table(self._connection, movies)

    def find_title(self, title: str) -> Movie | None:
        if not is_wellformed(title):
            return None
        titled = select(*MOVIE_COLUMNS).where(movies.c.title_key == comparison_key(title))
        row = self._connection.execute(titled.order_by(movies.c.id).limit(1)).first()
        return movie_of(row) if row else None

    def save(self, movie: Movie) -> None:
        changed = update(movies).where(movies.c.id == movie.id)
        self._connection.execute(changed.values(_movie_values(movie)))

    def remove(self, movie_id: MovieId) -> None:
        self._connection.execute(delete(movies).where(movies.c.id == movie_id))


class SqlScreens:
    """The ``Screens`` port."""

    def __init__(self, connection: Connection, plans: SqlSeatPlans) -> None:
        self._connection = connection
        self._plans = plans

    def add(self, screen: Screen) -> Screen:
        added = insert(screens).values(self._values(screen)).returning(*SCREEN_COLUMNS)
        return screen_of(self._connection.execute(added).one(), self._plans)

    def save(self, screen: Screen) -> Screen:
        changed = update(screens).where(screens.c.id == screen.id).values(self._values(screen))
        saved = self._connection.execute(changed.returning(*SCREEN_COLUMNS)).one()
        return screen_of(saved, self._plans)

    def _values(self, screen: Screen) -> dict[str, Any]:
        return {
            "name": screen.name,
            "name_key": comparison_key(screen.name),
            "total_seats": screen.plan.total_seats,
            "seats_per_row": screen.plan.longest_row,
            "plan_id": self._plans.id_of(screen.plan),
            "retired_at": screen.retired_at,
        }

    def get(self, screen_id: ScreenId) -> Screen:
        screen = select(*SCREEN_COLUMNS).where(screens.c.id == screen_id)
        return screen_of(self._connection.execute(screen).first(), self._plans)

    def lock(self, screen_id: ScreenId) -> Screen:
        # An update, though it changes nothing: what follows reads the shows of all nodes and then
        # writes to more than one. Citus commits that in two phases only if it notices, for example
        # by the change of a copied table. Other transactions may refer to the row meanwhile.
        same = update(screens).where(screens.c.id == screen_id).values(name=screens.c.name)
        locked = self._connection.execute(same.returning(*SCREEN_COLUMNS)).first()
        return screen_of(locked, self._plans)

    def find_name(self, name: str) -> Screen | None:
        if not is_wellformed(name):
            return None
        named = select(*SCREEN_COLUMNS).where(screens.c.name_key == comparison_key(name))
        row = self._connection.execute(named).first()
        return screen_of(row, self._plans) if row else None
