import dataclasses
from datetime import timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from ticketing.settings import DECLARED, Settings, SettingsError, environment
from ticketing.settings.__main__ import render

ROOT = Path(__file__).parents[3]
SECRET = "0123456789abcdef0123456789abcdef"
PRODUCTION = {
    "TICKETING_ENV": "production",
    "TICKETING_SECRET_KEY": SECRET,
    "TICKETING_PUBLIC_URL": "https://tickets.example.org",
}


def settings(**values: str) -> Settings:
    return Settings.from_env({f"TICKETING_{name}": value for name, value in values.items()})


def faults(**values: str) -> list[str]:
    with pytest.raises(SettingsError) as refusal:
        settings(**values)
    return refusal.value.faults


def test_every_setting_has_a_default(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)

    defaults = Settings.from_env({})

    assert not defaults.is_production
    assert defaults.home == tmp_path
    assert defaults.database_url == f"sqlite:///{tmp_path}/ticketing.db"
    assert defaults.read_database_url is None
    assert defaults.secret_key is None
    assert defaults.cinema_name == "Cinema"
    assert defaults.timezone == ZoneInfo("UTC")
    assert defaults.access_token_lifetime == timedelta(minutes=15)
    assert defaults.refresh_token_lifetime == timedelta(days=7)
    assert defaults.password_min_length == 8
    assert defaults.refuse_common_passwords
    assert defaults.sales_grace == timedelta(minutes=15)
    assert defaults.hold_duration == timedelta(minutes=10)
    assert defaults.max_hold_duration == timedelta(minutes=30)
    assert defaults.predecessor_paths
    assert (defaults.page_size, defaults.max_page_size) == (20, 100)
    assert defaults.public_url is None
    assert defaults.allowed_hosts == ()
    assert (defaults.smtp_url, defaults.mail_from) == (None, None)
    assert (defaults.pool_size, defaults.threads) == (10, 16)
    assert (defaults.max_password_checks, defaults.max_lock_waits) == (12, 4)
    assert defaults.request_seconds == 10
    assert defaults.workers >= 1
    assert defaults.ratelimit
    assert defaults.ratelimit_storage == "memory"
    assert defaults.trusted_proxies == defaults.cors_origins == defaults.old_secret_keys == ()
    assert defaults.metrics_token is None
    assert not defaults.tracing
    assert (defaults.log_level, defaults.log_format) == ("info", "text")
    assert defaults.warnings == ()


def test_a_blank_value_counts_as_not_set():
    assert settings(PAGE_SIZE="  ", SECRET_KEY="").page_size == 20


@pytest.mark.parametrize(
    ("written", "url"),
    [
        ("sqlite:///shop.db", "sqlite:///{home}/shop.db"),
        ("sqlite:///shop.db?mode=rw", "sqlite:///{home}/shop.db?mode=rw"),
        ("sqlite:////srv/shop.db", "sqlite:////srv/shop.db"),
        ("postgres://u:p%23@db:5432/shop", "postgres://u:p%23@db:5432/shop"),
        ("postgresql:///shop?host=/run", "postgresql:///shop?host=/run"),
        ("postgresql://u:p@a:5432,b:5433/shop", "postgresql://u:p@a:5432,b:5433/shop"),
        ("postgresql://[::1]:5432,[::2]/shop", "postgresql://[::1]:5432,[::2]/shop"),
        ("postgresql:///shop?password=a+b&sslcert=", "postgresql:///shop?password=a+b&sslcert="),
        *(
            (
                f"postgresql:///x?options={written}&port=1",
                "postgresql:///x?options=-c%20a%3D9s&port=1",
            )
            for written in ("-c a=9s", "-c+a=9s", "-c%20a=9s", "-c%20a%3D9s")
        ),
    ],
)
def test_relative_sqlite_files_are_in_home_and_libpq_options_are_escaped(tmp_path, written, url):
    read = settings(HOME=str(tmp_path), DATABASE_URL=written)

    assert read.database_url == url.format(home=tmp_path)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("HOME", "/no/such/directory"),
        ("ENV", "staging"),
        ("CINEMA_NAME", "x" * 101),
        ("CINEMA_NAME", "Metro\x00polis"),
        ("DATABASE_URL", "mysql://root:hunter2@db/shop"),
        ("DATABASE_URL", "postgresql://shop:hunter2#@db/shop"),
        ("DATABASE_URL", "postgresql://shop:hunter2@db:port/shop"),
        ("DATABASE_URL", "postgresql://shop:hunter2@a:5432,b:port/shop"),
        ("DATABASE_URL", "postgresql://shop:hunter2%@db/shop"),
        ("DATABASE_URL", "postgresql://shop:hunter2@db/shop?no_such_option=1"),
        ("DATABASE_URL", "sqlite://"),
        ("DATABASE_URL", "sqlite:///:memory:"),
        ("READ_DATABASE_URL", "sqlite:///hunter2.db"),
        ("READ_DATABASE_URL", "postgresql://shop:hunter2@replica/shop"),
        ("SECRET_KEY", "hunter2"),
        ("TIMEZONE", "Mars/Base"),
        ("TIMEZONE", "../UTC"),
        ("TIMEZONE", "Europe"),
        ("TIMEZONE", "\0"),
        ("ACCESS_TOKEN_MINUTES", "0"),
        ("REFRESH_TOKEN_DAYS", "one"),
        ("PASSWORD_MIN_LENGTH", "129"),
        ("COMMON_PASSWORDS", "yes"),
        ("SALES_GRACE_MINUTES", "-1"),
        ("SALES_GRACE_MINUTES", "9" * 5000),
        ("HOLD_SECONDS", "0"),
        ("HOLD_SECONDS", "3601"),
        ("HOLD_MAX_SECONDS", "86401"),
        ("HOLD_MAX_SECONDS", "599"),
        ("PREDECESSOR_PATHS", "maybe"),
        ("PAGE_SIZE", "101"),
        ("MAX_PAGE_SIZE", "1001"),
        ("PUBLIC_URL", "tickets.example.org"),
        ("PUBLIC_URL", "ftp://tickets.example.org"),
        ("PUBLIC_URL", "https://tickets.example.org/path"),
        ("PUBLIC_URL", "https://me:hunter2@tickets.example.org"),
        ("PUBLIC_URL", "https://"),
        ("PUBLIC_URL", "https://[::1"),
        ("ALLOWED_HOSTS", "example.org:8000"),
        ("ALLOWED_HOSTS", "*"),
        ("SMTP_URL", "mail.example.org"),
        ("SMTP_URL", "http://me:hunter2@mail.example.org"),
        ("SMTP_URL", "smtp://hunter2@mail.example.org"),
        ("SMTP_URL", "smtp://me:hunter2@mail.example.org:port"),
        ("SMTP_URL", "smtp://me:hunter2@mail.example.org/path"),
        ("SMTP_URL", "smtp://"),
        ("MAIL_FROM", "Ticketing <tickets@example.org>"),
        ("MAIL_FROM", "tickets"),
        ("MAIL_FROM", "tickets..x@example.org"),
        ("MAIL_FROM", "kartön@example.org"),
        ("MAIL_FROM", "a@example.org, b@example.org"),
        ("POOL_SIZE", "0"),
        ("WORKERS", "1.5"),
        ("THREADS", "²"),
        ("OLD_SECRET_KEYS", f"{SECRET},hunter2"),
        ("RATELIMIT", "maybe"),
        ("RATELIMIT_STORAGE", "mongodb://me:hunter2@db"),
        ("RATELIMIT_STORAGE", "redis://me:hunter2@db:port"),
        ("TRUSTED_PROXIES", "10.0.0.1/8"),
        ("TRUSTED_PROXIES", "proxy.example.org"),
        ("TRUSTED_PROXIES", "*"),
        ("TRUSTED_PROXIES", "10.0.0.0/8,0.0.0.0/0"),
        ("TRUSTED_PROXIES", "::/0"),
        ("SERVER_URLS", ","),
        ("SERVER_URLS", "http://127.0.0.1:8001,127.0.0.1:8002"),
        ("CORS_ORIGINS", "*"),
        ("CORS_ORIGINS", "shop.example.org"),
        ("CORS_ORIGINS", "https://*.example.org"),
        ("CORS_ORIGINS", "null"),
        ("METRICS_TOKEN", "hunter2"),
        ("TRACING", "yes"),
        ("LOG_FORMAT", "xml"),
        ("LOG_LEVEL", "loud"),
    ],
)
def test_a_wrong_value_is_reported_without_secrets(name, value):
    [fault] = faults(**{name: value})

    assert fault.startswith(f"TICKETING_{name}: ")
    assert "hunter2" not in fault


def test_all_faults_are_reported_at_once():
    found = faults(TIMEZONE="Mars", PAGE_SIZE="ten", ENV="production")

    assert [fault.split(":")[0] for fault in found] == [
        "TICKETING_TIMEZONE",
        "TICKETING_PAGE_SIZE",
        "TICKETING_SECRET_KEY",
        "TICKETING_PUBLIC_URL",
    ]


def test_a_hold_lasts_at_most_as_long_as_all_its_extensions():
    read = settings(HOLD_SECONDS="1", HOLD_MAX_SECONDS="1")
    assert read.hold_duration == read.max_hold_duration == timedelta(seconds=1)
    [fault] = faults(HOLD_SECONDS="1801")
    assert fault == "TICKETING_HOLD_MAX_SECONDS: this is less than TICKETING_HOLD_SECONDS."


def test_a_replica_needs_a_postgresql_database():
    own, replica = "postgresql://db/shop", "postgresql://u:hunter2@replica/shop"

    read = settings(DATABASE_URL=own, READ_DATABASE_URL=replica)

    assert read.read_database_url == replica
    assert settings(DATABASE_URL=own).read_database_url is None
    assert "hunter2" not in repr(read)


def test_mails_require_a_sender():
    server = "smtp://me:hunter2@mail.example.org"

    assert faults(SMTP_URL=server) == ["TICKETING_MAIL_FROM: required with TICKETING_SMTP_URL."]
    read = settings(SMTP_URL=server, MAIL_FROM="tickets@example.org")
    assert (read.smtp_url, read.mail_from) == (server, "tickets@example.org")
    assert "hunter2" not in repr(read)


def test_the_sender_has_an_international_domain_in_ascii():
    assert settings(MAIL_FROM="tickets@kino-faß.example").mail_from == (
        "tickets@xn--kino-fa-6va.example"
    )


@pytest.mark.parametrize("sender", ["tickets@localhost", "tickets@cinema.local"])
def test_the_sender_may_be_in_a_private_network(sender):
    assert settings(MAIL_FROM=sender).mail_from == sender


def test_production_with_all_required_settings():
    assert Settings.from_env(PRODUCTION).is_production


def test_a_process_that_signs_no_tokens_needs_no_secret():
    del (without := dict(PRODUCTION))["TICKETING_SECRET_KEY"]

    assert Settings.from_env(without, signs_tokens=False).is_production
    with pytest.raises(SettingsError, match="TICKETING_SECRET_KEY"):
        Settings.from_env(without)


def test_production_logs_json_by_default():
    assert Settings.from_env(PRODUCTION).log_format == "json"
    assert Settings.from_env(PRODUCTION | {"TICKETING_LOG_FORMAT": "text"}).log_format == "text"


def test_production_with_a_mail_server_requires_a_public_url():
    """An allowed host may have other ports, where another program listens."""
    del (production := dict(PRODUCTION))["TICKETING_PUBLIC_URL"]
    mail = {
        "TICKETING_SMTP_URL": "smtp://localhost",
        "TICKETING_MAIL_FROM": "tickets@example.org",
        "TICKETING_ALLOWED_HOSTS": "tickets.example.org",
    }

    with pytest.raises(SettingsError) as refusal:
        Settings.from_env(production | mail)
    assert refusal.value.faults == [
        "TICKETING_PUBLIC_URL: required with TICKETING_SMTP_URL, for the links in mails."
    ]
    assert Settings.from_env(PRODUCTION | mail).smtp_url


def test_production_accepts_allowed_hosts_instead_of_a_public_url():
    del (production := dict(PRODUCTION))["TICKETING_PUBLIC_URL"]

    read = Settings.from_env(
        production | {"TICKETING_ALLOWED_HOSTS": "A.example, [::1],b.example,"}
    )

    assert read.allowed_hosts == ("a.example", "[::1]", "b.example")


@pytest.mark.parametrize(
    ("written", "url"),
    [
        ("https://Tickets.example.org/", "https://tickets.example.org"),
        ("http://localhost:8000", "http://localhost:8000"),
        ("http://[::1]:8000", "http://[::1]:8000"),
    ],
)
def test_the_public_url_is_normalised(written, url):
    assert settings(PUBLIC_URL=written).public_url == url


def test_an_unknown_name_is_a_warning():
    assert settings(PAGESIZE="5", TEST_BROWSER="x", ELSE="y").warnings == (
        "TICKETING_ELSE is not a setting.",
        "TICKETING_PAGESIZE is not a setting. Did you mean TICKETING_PAGE_SIZE?",
    )


def test_the_repr_contains_no_secret():
    token = SECRET[::-1]
    shown = repr(
        settings(
            SECRET_KEY=SECRET, METRICS_TOKEN=token, DATABASE_URL="postgresql://u:hunter2@db/shop"
        )
    )

    assert SECRET not in shown
    assert token not in shown
    assert "hunter2" not in shown


# Secrets in files


SECRETS = [field_name for field_name, setting in DECLARED.items() if setting.secret]


def secret_files(tmp_path, **contents: str) -> dict[str, str]:
    for name, content in contents.items():
        (tmp_path / name).write_text(content, encoding="utf-8")
    return {f"{name}_FILE": str(tmp_path / name) for name in contents}


def test_a_secret_can_be_read_from_a_file(tmp_path):
    given = secret_files(
        tmp_path, SECRET_KEY=f"\n {SECRET}\n", DATABASE_URL="postgresql://u:hunter2@db/shop\n"
    )

    read = settings(**given)

    assert read.secret_key == SECRET
    assert read.database_url == "postgresql://u:hunter2@db/shop"
    assert read.warnings == ()


def test_all_settings_hidden_in_the_repr_can_be_read_from_files():
    hidden = {field.name for field in dataclasses.fields(Settings) if not field.repr}

    assert set(SECRETS) == hidden


def test_a_secret_and_its_file_cannot_both_be_set(tmp_path):
    assert faults(**secret_files(tmp_path, SECRET_KEY=SECRET), SECRET_KEY=SECRET) == [
        "TICKETING_SECRET_KEY: set either this or TICKETING_SECRET_KEY_FILE, not both."
    ]


def test_an_unreadable_file_is_reported_without_its_content(tmp_path):
    short = secret_files(tmp_path, SECRET_KEY="hunter2")
    empty = secret_files(tmp_path, DATABASE_URL=" \n")
    (tmp_path / "binary").write_bytes(b"hunter2 \xff")

    assert faults(SECRET_KEY_FILE=str(tmp_path / "none")) == [
        f"TICKETING_SECRET_KEY: the file '{tmp_path}/none' cannot be read."
    ]
    assert "hunter2" not in faults(SECRET_KEY_FILE=str(tmp_path / "binary"))[0]
    assert "hunter2" not in faults(**short)[0]
    assert "is empty" in faults(**empty)[0]


def test_only_secrets_can_be_read_from_files():
    [warning] = settings(PAGE_SIZE_FILE="5").warnings

    assert warning.startswith("TICKETING_PAGE_SIZE_FILE is not a setting.")


def test_old_keys_are_comma_separated():
    old = [SECRET, SECRET[::-1]]

    read = settings(OLD_SECRET_KEYS=f" {old[0]},{old[1]}, ")

    assert read.old_secret_keys == tuple(old)
    assert SECRET not in repr(read)


def test_old_keys_can_be_lines_of_a_file(tmp_path):
    old = [SECRET, SECRET[::-1]]

    read = settings(**secret_files(tmp_path, OLD_SECRET_KEYS="\n".join(old) + "\n"))

    assert read.old_secret_keys == tuple(old)


def test_a_byte_order_mark_is_not_part_of_a_secret(tmp_path):
    assert settings(**secret_files(tmp_path, SECRET_KEY=f"\ufeff{SECRET}\n")).secret_key == SECRET


# Networks, origins and the file .env


def test_proxies_are_addresses_and_networks():
    read = settings(TRUSTED_PROXIES="10.0.0.0/8, 192.0.2.7,::1,2001:db8::/32,")

    assert [str(network) for network in read.trusted_proxies] == [
        *("10.0.0.0/8", "192.0.2.7/32", "::1/128", "2001:db8::/32")
    ]


def test_origins_are_normalised_and_allow_no_wildcard():
    read = settings(CORS_ORIGINS="https://Shop.example.org/, http://localhost:3000")

    assert read.cors_origins == ("https://shop.example.org", "http://localhost:3000")
    assert faults(CORS_ORIGINS="https://a.example, *") == [
        "TICKETING_CORS_ORIGINS: name each origin, '*' is not allowed."
    ]


@pytest.mark.parametrize("store", ["redis://db:6379/0", "rediss://:hunter2@db", "Memory"])
def test_requests_are_counted_in_memory_or_redis(store):
    read = settings(RATELIMIT_STORAGE=store)

    assert read.ratelimit_storage == (store if store.startswith("redis") else "memory")
    assert "hunter2" not in repr(read)


def test_the_environment_wins_over_the_file(tmp_path):
    (tmp_path / ".env").write_text(
        "\ufeffTICKETING_PAGE_SIZE=5\n# note\nTICKETING_THREADS=2\nTICKETING_ENV=$A${HOME}\n",
        encoding="utf-8",
    )

    merged = environment(
        {"TICKETING_HOME": str(tmp_path), "TICKETING_PAGE_SIZE": "6", "TICKETING_THREADS": ""}
    )

    assert merged["TICKETING_PAGE_SIZE"] == "6"
    assert merged["TICKETING_THREADS"] == "2"
    assert merged["TICKETING_ENV"] == "$A${HOME}"


def test_the_env_file_is_optional(tmp_path):
    assert environment({"TICKETING_HOME": str(tmp_path)}) == {"TICKETING_HOME": str(tmp_path)}


def test_an_env_file_that_is_not_text_is_reported(tmp_path):
    (tmp_path / ".env").write_bytes(b"TICKETING_ENV=\xff")

    with pytest.raises(SettingsError, match=r"\.env cannot be read"):
        environment({"TICKETING_HOME": str(tmp_path)})


def test_generated_files_are_up_to_date():
    for path, text in render(ROOT).items():
        assert path.read_text(encoding="utf-8") == text, "Run `python -m ticketing.settings`."


def test_the_reference_lists_every_setting():
    reference = (ROOT / "docs/settings.md").read_text(encoding="utf-8")

    for setting in DECLARED.values():
        assert f"| `{setting.name}` " in reference


def test_a_message_names_the_expected_value():
    assert faults(PAGE_SIZE="x", ENV="staging") == [
        "TICKETING_ENV: expected development or production, got 'staging'.",
        "TICKETING_PAGE_SIZE: expected a whole number from 1 to 1000, got 'x'.",
    ]
