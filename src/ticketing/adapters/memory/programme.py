"""Movies and screens."""

from dataclasses import replace

from ticketing.adapters.memory.state import State, found, named, require
from ticketing.domain.programme.errors import MovieNotFound, ScreenNotFound
from ticketing.domain.programme.movie import Movie, MovieId
from ticketing.domain.programme.screen import Screen, ScreenId
from ticketing.domain.text import comparison_key


class MemoryMovies:
    def __init__(self, state: State) -> None:
        self._state = state

    def add(self, movie: Movie) -> Movie:
        added = replace(movie, id=MovieId(self._state.next_id()))
        self.save(added)
        return added

    def get(self, movie_id: MovieId) -> Movie:
        return found(self._state.movies, movie_id, MovieNotFound)

    lock = get  # a unit of work has the whole store to itself

    def lock_all(self) -> None:
        """A unit of work has the whole store to itself."""

    def find_title(self, title: str) -> Movie | None:
        return named(
            self._state.movies.values(), title, lambda movie: [comparison_key(movie.title)]
        )

    def save(self, movie: Movie) -> None:
        self._state.movies[movie.id] = movie

    def remove(self, movie_id: MovieId) -> None:
        require(all(show.movie.id != movie_id for show in self._state.shows.values()))
        del self._state.movies[movie_id]


class MemoryScreens:
    def __init__(self, state: State) -> None:
        self._state = state

    def add(self, screen: Screen) -> Screen:
        require(self.find_name(screen.name) is None)
        id_ = ScreenId(self._state.next_id())
        added = replace(screen, id=id_, plan=self._state.plan(screen.plan))
        self._state.screens[added.id] = added
        return added

    def get(self, screen_id: ScreenId) -> Screen:
        return found(self._state.screens, screen_id, ScreenNotFound)

    lock = get  # a unit of work has the whole store to itself

    def save(self, screen: Screen) -> Screen:
        saved = replace(screen, plan=self._state.plan(screen.plan))
        self._state.screens[screen.id] = saved
        return saved

    def find_name(self, name: str) -> Screen | None:
        return named(
            self._state.screens.values(), name, lambda screen: [comparison_key(screen.name)]
        )
