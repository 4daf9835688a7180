"""Any text is read or refused, and no message contains a secret."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ticketing.adapters.sql.postgresql.address import PRIMARY, REPLICA, parameters
from ticketing.settings import DECLARED, Settings, SettingsError, environment

SECRET = "hunter2"

lines = st.text(st.characters(exclude_characters="\0"), max_size=60)
pieces = st.sampled_from(
    [
        *("postgresql://", "sqlite:///", "redis://", "smtp://", "https://", "u", ":", SECRET, "@"),
        *("db", "[::1]", "[", "]", ",", "/", "shop", "?", "options=-c", "&", "=", "+", "%", "#"),
        *("5432", "port", " ", "~", "*", "10.0.0.0/8", ".", "x" * 32, "\udce9", "é", "0"),
    ]
)
written = lines | st.lists(pieces, max_size=8).map("".join)


@pytest.mark.parametrize("setting", DECLARED.values(), ids=lambda setting: setting.name)
@settings(max_examples=30)
@given(text=written)
def test_any_text_is_read_or_refused(setting, text):
    try:
        read = Settings.from_env({setting.name: text})
    except SettingsError as refusal:
        assert all(fault.endswith(".") for fault in refusal.faults)
        if setting.secret:
            assert SECRET not in str(refusal)
    else:
        if setting.secret:
            assert SECRET not in repr(read)


@given(st.lists(pieces, max_size=8).map("".join).map("postgresql://".__add__))
def test_an_accepted_postgresql_url_gives_connection_parameters(url):
    try:
        read = Settings.from_env({"TICKETING_DATABASE_URL": url}).database_url
    except SettingsError:
        return
    for of_several in (PRIMARY, REPLICA):
        given = parameters(read, of_several)
        assert "-c statement_timeout=" in given["options"]
        assert int(given["connect_timeout"]) > 0


def test_the_home_of_an_unknown_user_is_a_fault():
    with pytest.raises(SettingsError):
        environment({"TICKETING_HOME": "~no-such-user"})
    for name in ("TICKETING_HOME", "TICKETING_SECRET_KEY_FILE"):
        with pytest.raises(SettingsError):
            Settings.from_env({name: "~no-such-user"})
