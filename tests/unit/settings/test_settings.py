import dataclasses
import re
from datetime import timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from ticketing.settings import Settings, SettingsError, environment
from ticketing.settings.table import DECLARED

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


def test_nothing_has_to_be_set(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)

    preset = Settings.from_env({})

    assert not preset.is_production
    assert preset.home == tmp_path
    assert preset.database_url == f"sqlite:///{tmp_path}/ticketing.db"
    assert preset.read_database_url is None
    assert preset.secret_key is None
    assert preset.timezone == ZoneInfo("UTC")
    assert preset.access_token_lifetime == timedelta(minutes=15)
    assert preset.refresh_token_lifetime == timedelta(days=7)
    assert preset.password_min_length == 8
    assert preset.refuse_common_passwords
    assert preset.sales_grace == timedelta(minutes=15)
    assert preset.predecessor_paths
    assert (preset.page_size, preset.max_page_size) == (20, 100)
    assert preset.public_url is None
    assert preset.allowed_hosts == ()
    assert (preset.smtp_url, preset.mail_from) == (None, None)
    assert (preset.pool_size, preset.threads) == (10, 4)
    assert preset.request_seconds == 10
    assert preset.workers >= 1
    assert preset.ratelimit
    assert preset.ratelimit_storage == "memory"
    assert preset.trusted_proxies == preset.cors_origins == preset.old_secret_keys == ()
    assert preset.metrics_token is None
    assert not preset.tracing
    assert (preset.log_level, preset.log_format) == ("info", "text")
    assert preset.warnings == ()


def test_blank_is_unset():
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
def test_urls_are_kept_but_sqlite_files_lie_at_home_and_options_are_escaped(tmp_path, written, url):
    read = settings(HOME=str(tmp_path), DATABASE_URL=written)

    assert read.database_url == url.format(home=tmp_path)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("HOME", "/no/such/directory"),
        ("ENV", "staging"),
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
def test_a_wrong_value_is_named_and_no_secret_told(name, value):
    [fault] = faults(**{name: value})

    assert fault.startswith(f"TICKETING_{name}: ")
    assert "hunter2" not in fault


def test_all_faults_are_named_at_once():
    found = faults(TIMEZONE="Mars", PAGE_SIZE="ten", ENV="production")

    assert [fault.split(":")[0] for fault in found] == [
        "TICKETING_TIMEZONE",
        "TICKETING_PAGE_SIZE",
        "TICKETING_SECRET_KEY",
        "TICKETING_PUBLIC_URL",
    ]


def test_a_replica_is_read_beside_a_postgresql():
    own, replica = "postgresql://db/shop", "postgresql://u:hunter2@replica/shop"

    read = settings(DATABASE_URL=own, READ_DATABASE_URL=replica)

    assert read.read_database_url == replica
    assert settings(DATABASE_URL=own).read_database_url is None
    assert "hunter2" not in repr(read)


def test_mails_need_a_sender():
    server = "smtp://me:hunter2@mail.example.org"

    assert faults(SMTP_URL=server) == [
        "TICKETING_MAIL_FROM: mails that TICKETING_SMTP_URL sends need a sender."
    ]
    read = settings(SMTP_URL=server, MAIL_FROM="tickets@example.org")
    assert (read.smtp_url, read.mail_from) == (server, "tickets@example.org")
    assert "hunter2" not in repr(read)


def test_production_with_all_that_it_needs():
    assert Settings.from_env(PRODUCTION).is_production


def test_production_logs_for_programs():
    assert Settings.from_env(PRODUCTION).log_format == "json"
    assert Settings.from_env(PRODUCTION | {"TICKETING_LOG_FORMAT": "text"}).log_format == "text"


def test_production_that_sends_mails_says_where_their_links_lead():
    """A host that is allowed may have other ports, behind which somebody else listens."""
    del (production := dict(PRODUCTION))["TICKETING_PUBLIC_URL"]
    mail = {
        "TICKETING_SMTP_URL": "smtp://localhost",
        "TICKETING_MAIL_FROM": "tickets@example.org",
        "TICKETING_ALLOWED_HOSTS": "tickets.example.org",
    }

    with pytest.raises(SettingsError) as refusal:
        Settings.from_env(production | mail)
    assert refusal.value.faults == [
        "TICKETING_PUBLIC_URL: mails that TICKETING_SMTP_URL sends hold links to it."
    ]
    assert Settings.from_env(PRODUCTION | mail).smtp_url


def test_production_may_name_its_hosts_instead_of_its_url():
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


def test_an_unknown_name_is_warned_of():
    assert settings(PAGESIZE="5", TEST_BROWSER="x", ELSE="y").warnings == (
        "TICKETING_ELSE is no setting.",
        "TICKETING_PAGESIZE is no setting. Is TICKETING_PAGE_SIZE meant?",
    )


def test_secrets_are_not_in_the_repr():
    token = SECRET[::-1]
    shown = repr(
        settings(
            SECRET_KEY=SECRET, METRICS_TOKEN=token, DATABASE_URL="postgresql://u:hunter2@db/shop"
        )
    )

    assert SECRET not in shown
    assert token not in shown
    assert "hunter2" not in shown


# --- secrets in files


SECRETS = [field_name for field_name, setting in DECLARED.items() if setting.secret]


def secret_files(tmp_path, **contents: str) -> dict[str, str]:
    for name, content in contents.items():
        (tmp_path / name).write_text(content, encoding="utf-8")
    return {f"{name}_FILE": str(tmp_path / name) for name in contents}


def test_a_secret_may_lie_in_a_file(tmp_path):
    given = secret_files(
        tmp_path, SECRET_KEY=f"\n {SECRET}\n", DATABASE_URL="postgresql://u:hunter2@db/shop\n"
    )

    read = settings(**given)

    assert read.secret_key == SECRET
    assert read.database_url == "postgresql://u:hunter2@db/shop"
    assert read.warnings == ()


def test_whatever_the_repr_hides_may_lie_in_a_file():
    hidden = {field.name for field in dataclasses.fields(Settings) if not field.repr}

    assert set(SECRETS) == hidden


def test_a_secret_is_given_in_one_way(tmp_path):
    assert faults(**secret_files(tmp_path, SECRET_KEY=SECRET), SECRET_KEY=SECRET) == [
        "TICKETING_SECRET_KEY: TICKETING_SECRET_KEY_FILE is given too, and one of them is enough."
    ]


def test_a_file_that_cannot_be_read_is_named_and_its_content_is_not(tmp_path):
    short = secret_files(tmp_path, SECRET_KEY="hunter2")
    empty = secret_files(tmp_path, DATABASE_URL=" \n")
    (tmp_path / "binary").write_bytes(b"hunter2 \xff")

    assert faults(SECRET_KEY_FILE=str(tmp_path / "none")) == [
        f"TICKETING_SECRET_KEY: the file '{tmp_path}/none' cannot be read."
    ]
    assert "hunter2" not in faults(SECRET_KEY_FILE=str(tmp_path / "binary"))[0]
    assert "hunter2" not in faults(**short)[0]
    assert "is empty" in faults(**empty)[0]


def test_only_secrets_lie_in_files():
    [warning] = settings(PAGE_SIZE_FILE="5").warnings

    assert warning.startswith("TICKETING_PAGE_SIZE_FILE is no setting.")


def test_old_keys_are_as_long_as_any():
    old = [SECRET, SECRET[::-1]]

    read = settings(OLD_SECRET_KEYS=f" {old[0]},{old[1]}, ")

    assert read.old_secret_keys == tuple(old)
    assert SECRET not in repr(read)


def test_old_keys_may_stand_in_lines_of_a_file(tmp_path):
    old = [SECRET, SECRET[::-1]]

    read = settings(**secret_files(tmp_path, OLD_SECRET_KEYS="\n".join(old) + "\n"))

    assert read.old_secret_keys == tuple(old)


def test_the_mark_that_some_editors_begin_a_file_with_is_no_part_of_a_secret(tmp_path):
    assert settings(**secret_files(tmp_path, SECRET_KEY=f"\ufeff{SECRET}\n")).secret_key == SECRET


# --- the outer edge


def test_proxies_are_addresses_and_networks():
    read = settings(TRUSTED_PROXIES="10.0.0.0/8, 192.0.2.7,::1,2001:db8::/32,")

    assert [str(network) for network in read.trusted_proxies] == [
        *("10.0.0.0/8", "192.0.2.7/32", "::1/128", "2001:db8::/32")
    ]


def test_origins_are_named():
    read = settings(CORS_ORIGINS="https://Shop.example.org/, http://localhost:3000")

    assert read.cors_origins == ("https://shop.example.org", "http://localhost:3000")
    assert faults(CORS_ORIGINS="https://a.example, *") == [
        "TICKETING_CORS_ORIGINS: each site is named, '*' is not allowed."
    ]


@pytest.mark.parametrize("store", ["redis://db:6379/0", "rediss://:hunter2@db", "Memory"])
def test_requests_are_counted_here_or_in_redis(store):
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


def test_there_need_be_no_file(tmp_path):
    assert environment({"TICKETING_HOME": str(tmp_path)}) == {"TICKETING_HOME": str(tmp_path)}


def test_a_file_that_is_no_text_is_named(tmp_path):
    (tmp_path / ".env").write_bytes(b"TICKETING_ENV=\xff")

    with pytest.raises(SettingsError, match=r"\.env cannot be read"):
        environment({"TICKETING_HOME": str(tmp_path)})


def test_the_example_lists_every_setting():
    listed = (ROOT / ".env.example").read_text(encoding="utf-8")

    assert re.findall(r"^#(TICKETING_\w+)=(.*)\n", listed, re.MULTILINE) == [
        (setting.name, setting.default) for setting in DECLARED.values()
    ]
    assert all(f"# {setting.help}" in listed for setting in DECLARED.values())


def test_the_readme_lists_every_setting():
    rows = re.findall(
        r"^\| `(TICKETING_\w+)` \| (\S*)", (ROOT / "README.md").read_text("utf-8"), re.M
    )

    assert dict(rows) == {
        setting.name: f"`{setting.default}`" if setting.default else "|"
        for setting in DECLARED.values()
    }
