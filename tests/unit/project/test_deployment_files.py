"""The files for operators match the application."""

import re
import tomllib
from pathlib import Path
from typing import Any

import pytest
import yaml
from packaging.specifiers import SpecifierSet
from werkzeug.exceptions import default_exceptions

from ticketing.bootstrap import create_app
from ticketing.entrypoints.cli.main import cli
from ticketing.entrypoints.http.admin import staff_session as cookie
from ticketing.entrypoints.http.web.problems import problem_of
from ticketing.entrypoints.http.web.request_body import MAX_BODY_BYTES, MAX_LONG_BODY_BYTES
from ticketing.entrypoints.live.app import COMMENT_SECONDS, MAX_STREAMS
from ticketing.entrypoints.server import DRAIN_SECONDS, HANG_UP_SECONDS
from ticketing.settings import DECLARED, Settings

ROOT = Path(__file__).parents[3]
DOCKERFILE = (ROOT / "Dockerfile").read_text()
UNIT = (ROOT / "deploy" / "ticketing@.service").read_text()
LIVE_UNIT = (ROOT / "deploy" / "ticketing-live.service").read_text()
MAIN = (ROOT / "deploy" / "nginx.conf").read_text()
PROXY = (ROOT / "deploy" / "nginx.conf.template").read_text()
COMPOSE: dict[str, Any] = yaml.safe_load((ROOT / "compose.yaml").read_text())
SERVICES: dict[str, Any] = COMPOSE["services"]
LIVE: dict[str, Any] = SERVICES["live"]
PORT = "8000"
KIB = 1024
PRODUCTION = {"TICKETING_ENV": "production"}  # as in the image

FILES = [
    "Dockerfile", "compose.yaml", "deploy/ticketing@.service", "deploy/ticketing-live.service",
    "deploy/ticketing.env", "docs/operations.md",
]  # fmt: skip


def built_services() -> dict[str, Any]:
    """The services that run our own image."""
    return {name: each for name, each in SERVICES.items() if "build" in each}


def services_with_database() -> dict[str, Any]:
    return {name: each for name, each in built_services().items() if name != "live"}


@pytest.mark.parametrize("name", FILES)
def test_every_named_setting_exists(name):
    named = set(re.findall(r"TICKETING_[A-Z_]+", (ROOT / name).read_text()))
    known = {setting.name for setting in DECLARED.values()}
    known |= {setting.file_name for setting in DECLARED.values() if setting.file_name}
    assert named - known <= {"TICKETING_TEST_DATABASE_URL"}
    assert named


@pytest.mark.parametrize("name", FILES)
def test_every_named_command_exists(name):
    text = (ROOT / name).read_text()
    named = set(re.findall(r"(?:^|bin/|`|\$ )ticketing ([a-z][a-z-]+)", text, re.MULTILINE))
    assert named <= cli.commands.keys()


def test_the_image_has_a_supported_python():
    wanted = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["requires-python"]
    images = re.findall(r"^FROM python:([0-9.]+)-slim", DOCKERFILE, re.MULTILINE)
    assert len(images) == 2
    assert len(set(images)) == 1, "what the one stage compiles the other has to run"
    assert SpecifierSet(wanted).contains(images[0])


def test_the_build_context_contains_the_copied_files():
    sent = [line[1:] for line in (ROOT / ".dockerignore").read_text().split() if line[0] == "!"]
    copied = re.findall(r"^COPY (?!--)(.+) \S+$", DOCKERFILE, re.MULTILINE)
    assert sorted(sent) == sorted(word for line in copied for word in line.split())
    assert all((ROOT / name).exists() for name in sent)


def test_the_image_runs_as_an_unprivileged_user():
    users = re.findall(r"^USER (.+)$", DOCKERFILE, re.MULTILINE)
    assert users == ["10001:10001"]
    assert DOCKERFILE.index("USER ") < DOCKERFILE.index("ENTRYPOINT")


def test_all_files_use_the_same_port():
    assert re.findall(r"^EXPOSE (\d+)$", DOCKERFILE, re.MULTILINE) == [PORT]
    assert f'"--port", "{PORT}"' in DOCKERFILE
    assert f"127.0.0.1:{PORT}/" in DOCKERFILE
    networks = [each["networks"] for name, each in built_services().items() if name != "migrate"]
    servers = [f"{network['front']['ipv4_address']}:{PORT}" for network in networks]
    asked = SERVICES["proxy"]["environment"]
    assert [asked["SERVER_1"], asked["SERVER_2"], asked["LIVE"]] == servers
    assert LIVE["environment"]["TICKETING_SERVER_URLS"].split(",") == [
        f"http://{server}" for server in servers[:2]
    ]
    assert LIVE["command"][-1] == PORT


def test_the_proxy_gets_its_variables():
    left_open = set(re.findall(r"\$\{(\w+)\}", PROXY))
    assert left_open == SERVICES["proxy"]["environment"].keys()
    for part in ("crt", "key"):
        assert f"${{CERTIFICATES}}/tls.{part};" in PROXY
        assert f"tls.{part}" in SERVICES["proxy"]["secrets"]


def test_the_probed_paths_exist(tmp_path):
    app = create_app(Settings.from_env({"TICKETING_HOME": str(tmp_path)}))
    paths = {rule.rule for rule in app.url_map.iter_rules()}
    assert re.findall(rf":{PORT}(/\w+)", DOCKERFILE) == ["/healthz"]
    assert {"/healthz", "/readyz"} <= paths


def test_the_settings_are_valid_for_production(tmp_path):
    secrets = {
        "secret_key": "k" * 40,
        "database_url": "postgresql://ticketing:x@database/ticketing",
    }
    for name, content in secrets.items():
        (tmp_path / name).write_text(content)
    for service in services_with_database().values():
        defaults = re.sub(r"\$\{\w+:-(.*?)\}", r"\1", yaml.safe_dump(service["environment"]))
        given = yaml.safe_load(defaults.replace("/run/secrets", str(tmp_path)))
        settings = Settings.from_env(
            {name: str(value) for name, value in given.items()} | PRODUCTION
        )
        assert settings.secret_key == secrets["secret_key"]
        assert settings.database_url == secrets["database_url"]
        assert settings.warnings == ()


def test_the_process_for_streams_has_no_secrets():
    given = {name: re.sub(r"\$\{\w+:-(.*?)\}", r"\1", value)
             for name, value in LIVE["environment"].items()}  # fmt: skip
    settings = Settings.from_env(given | PRODUCTION, signs_tokens=False)

    assert settings.known_hosts
    assert LIVE["secrets"] == []
    assert "back" not in LIVE["networks"]
    assert "LoadCredential" not in LIVE_UNIT


def test_streams_are_limited_and_passed_on_at_once(tmp_path):
    [(pattern, block)] = re.findall(r"location ~ (\S+stream\S+) \{(.+?)\n    \}", PROXY, re.DOTALL)
    app = create_app(Settings.from_env({"TICKETING_HOME": str(tmp_path)}))
    [path] = [rule.rule for rule in app.url_map.iter_rules() if "stream" in rule.rule]
    served = re.sub("<id:.+?>", "1", path)

    assert re.match(pattern, served)
    assert re.match(pattern, f"{served}/")
    assert "proxy_buffering off;" in block
    [of_an_address] = re.findall(r"limit_conn streams (\d+);", block)
    assert int(of_an_address) <= MAX_STREAMS / 10
    [usual] = re.findall(r"^    (limit_conn clients \d+;)", PROXY, re.MULTILINE)
    assert usual in block, "what a location has replaces what the server has"
    [seconds] = re.findall(r"proxy_read_timeout (\d+)s;", block)
    assert int(seconds) > 2 * COMMENT_SECONDS
    [kept_open] = re.findall(r"worker_connections (\d+);", MAIN)
    assert int(kept_open) > 2 * MAX_STREAMS


def test_only_the_proxy_publishes_a_port():
    assert [name for name, service in SERVICES.items() if "ports" in service] == ["proxy"]
    assert COMPOSE["networks"]["back"]["internal"]
    assert SERVICES["database"]["networks"] == ["back"]


def test_only_the_proxy_may_set_the_client_address():
    address = SERVICES["proxy"]["networks"]["front"]["ipv4_address"]
    for service in services_with_database().values():
        assert service["environment"]["TICKETING_TRUSTED_PROXIES"] == address


def test_the_proxy_logs_no_query_strings():
    """They contain tokens of links in mails, and names that the staff search for."""
    [form] = re.findall(r"^log_format (?:\w+) ([^;]+);", PROXY, re.MULTILINE)
    logged = set(re.findall(r"\$(\w+)", form))
    forbidden = {"request", "request_uri", "args", "query_string", "http_referer"}
    assert forbidden.isdisjoint(logged)
    assert "path_without_query" in logged
    servers = PROXY.split("\nserver {\n")[1:]
    assert all("access_log /var/log/nginx/access.log without_query;" in each for each in servers)


def test_the_proxy_configuration_fits_any_nginx_conf():
    """At that level a directive may occur once, and distributions' own files set many there."""
    assert set(re.findall(r"^(\w+)", PROXY, re.MULTILINE)) == {
        "upstream", "limit_conn_zone", "map", "log_format", "server"
    }  # fmt: skip


def limits_of_bodies() -> dict[str, int]:
    """The limits of the proxy in bytes, by the pattern of a path.

    As in nginx: expressions come before prefixes, a longer prefix before a shorter one.
    """
    size = r"client_max_body_size (\d+)k;"
    [usual] = re.findall(rf"^    {size}", PROXY, re.MULTILINE)
    blocks = re.findall(r"location (~ )?([/^]\S+) \{\n(.+?)\n    \}", PROXY, re.DOTALL)
    found = [(tilde, path, re.search(size, block)) for tilde, path, block in blocks]
    limits = {
        path: KIB * int(limit[1])
        for _, path, limit in sorted(found, key=lambda each: (not each[0], -len(each[1])))
        if limit
    }
    return limits | {"": KIB * int(usual)}


def test_the_proxy_limits_bodies_as_the_application_does(tmp_path):
    app = create_app(Settings.from_env({"TICKETING_HOME": str(tmp_path)}))
    by_pattern = limits_of_bodies()
    proxys, ours = {}, dict[str, int]()
    for rule in app.url_map.iter_rules():
        if rule.methods and {"POST", "PUT", "PATCH", "DELETE"} & rule.methods:
            path = re.sub("<id:.+?>", "1", rule.rule)
            pattern = next(each for each in by_pattern if re.match(each, path))
            proxys[rule.rule] = by_pattern[pattern]
            usual = MAX_LONG_BODY_BYTES if rule.rule.startswith(cookie.PATH) else MAX_BODY_BYTES
            own = getattr(app.view_functions[rule.endpoint], "max_body_bytes", usual)
            ours[rule.rule] = max(own, ours.get(rule.rule, 0))

    assert proxys == ours
    assert set(proxys.values()) == set(by_pattern.values())


def test_the_problems_of_the_proxy_have_the_words_of_the_application():
    blocks = re.findall(r"map \$status \$problem_(\w+) \{(.+?)\}", PROXY, re.DOTALL)
    found = {name: dict(re.findall(r'(\d+) "?([^$";]+)"?;', block)) for name, block in blocks}
    known = {status: problem_of(default_exceptions[int(status)]()) for status in found["code"]}

    assert found["code"] == {status: problem.code for status, problem in known.items()}
    assert found["title"] == {status: problem.title for status, problem in known.items()}


def test_forms_with_a_token_are_not_compressed():
    [block] = re.findall(rf"location {cookie.PATH} \{{(.+?)\}}", PROXY, re.DOTALL)
    assert "gzip off;" in block


def test_the_limits_of_a_container_are_together():
    """Compose refuses a file that has some of them beside ``deploy``."""
    beside = {"pids_limit", "mem_limit", "cpus"}
    assert all(beside.isdisjoint(service) for service in SERVICES.values() if "deploy" in service)


def test_secrets_are_files():
    for service in SERVICES.values():
        for name in service.get("secrets", ()):
            assert COMPOSE["secrets"][name]["file"].startswith("./secrets/")
    text = (ROOT / "compose.yaml").read_text()
    assert not re.search(r"PASSWORD:|SECRET_KEY:|DATABASE_URL:", text)


def test_the_grace_period_lets_a_server_finish():
    [grace] = {service["stop_grace_period"] for name, service in built_services().items()
               if name != "migrate"}  # fmt: skip
    [stop] = {re.findall(r"^TimeoutStopSec=(\d+)$", unit, re.MULTILINE)[0]
              for unit in (UNIT, LIVE_UNIT)}  # fmt: skip
    assert int(grace.rstrip("s")) > HANG_UP_SECONDS + DRAIN_SECONDS
    assert int(stop) > HANG_UP_SECONDS + DRAIN_SECONDS
