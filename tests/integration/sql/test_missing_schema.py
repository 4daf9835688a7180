"""A store without a schema."""

import pytest

from tests.builders import SALES_GRACE, a_movie
from tests.integration.databases import new_database, opened
from ticketing.adapters.sql.open import sql_queries
from ticketing.adapters.sql.unit_of_work import SqlTransactions
from ticketing.domain.errors import NotReady
from ticketing.domain.paging import Window


@pytest.fixture(params=["sqlite", "postgresql"])
def empty_database(request, tmp_path):
    if request.param == "sqlite":
        with opened(f"sqlite:///{tmp_path / 'new.db'}") as database:
            yield database
    else:
        server = request.getfixturevalue("postgresql_server")
        with new_database(server) as url, opened(url) as database:
            yield database


def test_it_is_reported_at_once(empty_database):
    with pytest.raises(NotReady):
        sql_queries(empty_database, SALES_GRACE).programme.movies("", Window(0, 1))
    with pytest.raises(NotReady):
        SqlTransactions(empty_database)(lambda uow: uow.movies.add(a_movie()))
