"""How URLs of PostgreSQL are read."""

import pytest

from ticketing.adapters.sql.postgresql.address import PRIMARY, REPLICA, parameters


@pytest.mark.parametrize(
    ("url", "read"),
    [
        ("postgresql://db/shop", {"host": "db", "dbname": "shop"}),
        ("postgres://db/shop", {"host": "db", "dbname": "shop"}),
        ("postgresql+psycopg2://db/shop", {"host": "db", "dbname": "shop"}),
        ("postgresql://u:p%23%40+@db:5433/", {"user": "u", "password": "p#@+", "port": "5433"}),
        ("postgresql://[::1]:5433/shop", {"host": "::1", "port": "5433"}),
        ("postgresql:///shop?host=/run/postgresql", {"host": "/run/postgresql"}),
        ("postgresql://%2Frun/shop", {"host": "/run"}),
        ("postgresql://a:5432,b:5433,c/shop", {"host": "a,b,c", "port": "5432,5433,"}),
        ("postgresql://a,b/", {"host": "a,b", "target_session_attrs": "read-write"}),
        ("postgresql:///?host=a,b", {"host": "a,b", "target_session_attrs": "read-write"}),
        ("postgresql://a,b/?target_session_attrs=any", {"target_session_attrs": "any"}),
        ("postgresql://db/?connect_timeout=9", {"connect_timeout": "9"}),
        ("postgresql://db/?application_name=box%20office", {"application_name": "box office"}),
        ("postgresql://db/?password=a+b", {"password": "a+b"}),
        ("postgresql://db/shop?password=&sslcert=", {"password": "", "sslcert": ""}),
        ("postgresql://db/?sslmode=verify-full", {"sslmode": "verify-full"}),
    ],
)
def test_a_url(url, read):
    assert read.items() <= parameters(url, PRIMARY).items()


def test_one_host_gets_no_target_session_attrs():
    assert "target_session_attrs" not in parameters("postgresql://db/shop", PRIMARY)


@pytest.mark.parametrize("of_several", [PRIMARY, REPLICA])
def test_options_of_the_url_come_after_ours(of_several):
    url = "postgresql://db/shop?options=-c%20statement_timeout%3D9s&connect_timeout=9"

    read = parameters(url, of_several)

    assert read["connect_timeout"] == "9"
    assert "-c lock_timeout=2s" in read["options"]
    assert read["options"].endswith("-c statement_timeout=9s")


def test_a_replica_has_short_timeouts():
    read = parameters("postgresql://db/shop", REPLICA)

    assert int(read["connect_timeout"]) <= 2
    assert int(read["tcp_user_timeout"]) <= 2000
    assert "-c statement_timeout=2s" in read["options"]
