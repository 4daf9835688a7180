"""How URLs of PostgreSQL are read."""

import pytest

from ticketing.adapters.sql.postgresql.address import (
    PRIMARY,
    REPLICA,
    frozen_seconds,
    parameters,
    with_host_first,
)


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
    assert "-c timezone=UTC" in read["options"]
    assert read["options"].endswith("-c statement_timeout=9s")


def test_a_replica_has_short_timeouts():
    read = parameters("postgresql://db/shop", REPLICA)

    assert int(read["connect_timeout"]) <= 2
    assert int(read["tcp_user_timeout"]) <= 2000
    assert "-c statement_timeout=2000ms" in read["options"]


@pytest.mark.parametrize(
    ("max_seconds", "statement", "lock"),
    [(30, "10000ms", "2000ms"), (15, "5000ms", "2000ms"), (1, "333ms", "167ms")],
)
def test_time_limits_follow_from_that_of_a_request(max_seconds, statement, lock):
    read = parameters("postgresql://db/shop", PRIMARY, max_seconds)

    assert f"-c statement_timeout={statement}" in read["options"]
    assert f"-c lock_timeout={lock}" in read["options"]
    assert 1.2 * max_seconds / 3 == pytest.approx(frozen_seconds(max_seconds, PRIMARY))


@pytest.mark.parametrize("hosts", [1, 2, 3, 4, 6])
@pytest.mark.parametrize("max_seconds", [15, 30, 60])
def test_a_request_that_waited_for_others_and_then_connects_is_in_time(hosts, max_seconds):
    url = f"postgresql://{','.join(f'db{number}' for number in range(hosts))}/shop"
    seconds = int(parameters(url, PRIMARY, max_seconds)["connect_timeout"])

    assert frozen_seconds(max_seconds, PRIMARY) + hosts * seconds <= max_seconds
    assert 2 * frozen_seconds(max_seconds, PRIMARY) <= max_seconds


@pytest.mark.parametrize(
    ("url", "first", "hosts", "ports"),
    [
        ("postgresql://a,b,c/", ("b", 5432), "b,a,c", ",,"),
        ("postgresql://a:1,a:2,b/", ("a", 2), "a,a,b", "2,1,"),
        ("postgresql://a:1,b/?hostaddr=10.0.0.1,10.0.0.2", ("b", 5432), "a,b", "1,"),
        ("postgresql://a,b,c/", None, "a,b,c", ",,"),
        ("postgresql://a,b/?target_session_attrs=any", ("b", 5432), "a,b", ","),
        ("postgresql://a/", ("b", 5432), "a", None),
    ],
)
def test_the_host_that_was_the_primary_comes_first(url, first, hosts, ports):
    read = with_host_first(parameters(url, PRIMARY), first)

    assert (read["host"], read.get("port")) == (hosts, ports)
