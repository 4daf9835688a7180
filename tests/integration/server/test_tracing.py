"""Spans of requests and statements, which contain no secrets."""

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any, ClassVar

import pytest
from flask import Flask
from opentelemetry.instrumentation.sqlalchemy import SQLAlchemyInstrumentor
from opentelemetry.sdk.trace import ReadableSpan, TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

from tests.builders import PASSWORD, Clock
from tests.integration.api.cinema import Cinema, book
from tests.integration.api.conftest import SECRET_KEY
from tests.integration.running_server import running_server
from ticketing import tracing
from ticketing.bootstrap import create_app
from ticketing.entrypoints.cli.installation import CannotRun
from ticketing.entrypoints.cli.serve import run_server
from ticketing.settings import Settings

SECRET = "hunter2"


def settings(url: str, **more: str) -> Settings:
    given = {"DATABASE_URL": url, "SECRET_KEY": SECRET_KEY, "RATELIMIT": "off"} | more
    return Settings.from_env({f"TICKETING_{name}": value for name, value in given.items()})


@pytest.fixture
def spans() -> InMemorySpanExporter:
    return InMemorySpanExporter()


@pytest.fixture
def app(
    request: pytest.FixtureRequest, spans: InMemorySpanExporter, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Flask]:
    monkeypatch.setenv("OTEL_SEMCONV_STABILITY_OPT_IN", "http,database")
    url = request.getfixturevalue(getattr(request, "param", "sqlite_url"))
    provider = TracerProvider()
    provider.add_span_processor(SimpleSpanProcessor(spans))
    production = settings(url, ENV="production", ALLOWED_HOSTS="localhost")
    app = create_app(production, provider=provider)
    yield app
    SQLAlchemyInstrumentor().uninstrument()
    app.extensions["ticketing.database"].engine.dispose()


@pytest.fixture
def cinema(app: Flask) -> Cinema:
    clock = Clock()
    clock.now = datetime.now(UTC)
    return Cinema(app, clock)


def request_span(spans: InMemorySpanExporter) -> ReadableSpan:
    [span] = [span for span in spans.get_finished_spans() if span.parent is None]
    return span


def statements(spans: InMemorySpanExporter) -> list[str]:
    found = [attributes(span) for span in spans.get_finished_spans()]
    return [str(each["db.query.text"]) for each in found if "db.query.text" in each]


def attributes(span: ReadableSpan) -> Mapping[str, Any]:
    return span.attributes or {}


def exported(spans: InMemorySpanExporter) -> str:
    return "".join(span.to_json() for span in spans.get_finished_spans())


def test_a_request_has_a_span_with_its_statements(spans, cinema):
    spans.clear()
    cinema.guest().get("/api/movies", headers={"X-Request-ID": "r-1"})

    request = request_span(spans)
    assert request.name == "GET /api/movies"
    assert attributes(request)["ticketing.request_id"] == "r-1"
    assert attributes(request)["http.response.status_code"] == 200
    assert any("FROM movies" in statement for statement in statements(spans))
    assert {span.context.trace_id for span in spans.get_finished_spans()} == {
        request.context.trace_id
    }


@pytest.mark.parametrize("app", ["sqlite_url", "postgresql"], indirect=True)
def test_each_statement_of_a_sale_has_a_span(spans, cinema):
    maria, show = cinema.customer(), cinema.show()
    book(maria, show, 1)
    spans.clear()
    book(maria, show, 2)

    sent = " ".join(statements(spans))
    assert "EXECUTE ticketing_lock" in sent or "show_seats" in sent
    assert "EXECUTE ticketing_sell" in sent or "INSERT INTO bookings" in sent
    request = request_span(spans)
    inner = [span for span in spans.get_finished_spans() if span is not request]
    assert all(span.context.trace_id == request.context.trace_id for span in inner)


@pytest.mark.parametrize("path", ["/api/movies", "/nowhere", "/api/shows/7"])
def test_query_strings_and_tokens_are_not_exported(spans, cinema, path):
    spans.clear()
    client = cinema.guest()
    headers = {"Authorization": f"Bearer {SECRET}", "Cookie": f"session={SECRET}"}
    client.get(f"{path}?q={SECRET}", headers=headers)
    client.environ_base["REQUEST_URI"] = f"{path}?q={SECRET}"
    client.get(f"{path}?q={SECRET}", headers=headers)

    assert len([span for span in spans.get_finished_spans() if span.parent is None]) == 2
    assert SECRET not in exported(spans)


def test_an_unknown_path_does_not_name_the_span(spans, cinema):
    spans.clear()
    cinema.guest().get("/nowhere/7")

    assert request_span(spans).name == "HTTP"


@pytest.mark.parametrize("app", ["sqlite_url", "postgresql"], indirect=True)
def test_values_of_statements_are_not_exported(spans, cinema):
    who = {"username": SECRET, "password": PASSWORD, "email": f"{SECRET}@example.com"}
    cinema.guest().post("/api/auth/signup", json=who)
    cinema.guest().post("/api/auth/signup", json=who)

    assert statements(spans)
    assert SECRET not in exported(spans)


def test_a_request_with_an_unknown_host_has_a_span(spans, cinema, caplog):
    spans.clear()
    answer = cinema.guest().get("/api/movies", base_url="http://elsewhere.example")

    assert answer.status_code == 400
    assert attributes(request_span(spans))["http.response.status_code"] == 400
    assert not caplog.records


def test_probes_are_not_traced(spans, cinema):
    spans.clear()
    cinema.guest().get("/healthz")
    cinema.guest().get("/readyz")

    assert not any(span.name.startswith("GET") for span in spans.get_finished_spans())


def test_a_job_of_each_second_is_not_traced(spans, cinema):
    spans.clear()
    tracing.untraced(cinema.office.offers.serve_all)()

    assert not spans.get_finished_spans()


# --- a server


class Collector(BaseHTTPRequestHandler):
    """Records what is exported."""

    taken: ClassVar[list[tuple[str, bytes]]]

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.taken.append((self.path, body))
        self.send_response(200)
        self.end_headers()

    def log_message(self, *_args: object) -> None:
        """Log nothing."""


@pytest.fixture
def collector() -> Iterator[tuple[str, list[tuple[str, bytes]]]]:
    class OneCollector(Collector):
        taken: ClassVar[list[tuple[str, bytes]]] = []

    with ThreadingHTTPServer(("127.0.0.1", 0), OneCollector) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}", OneCollector.taken
        server.shutdown()


def test_workers_export_all_spans_before_they_stop(
    sqlite_template: Path, tmp_path: Path, collector, monkeypatch
):
    address, sent = collector
    (tmp_path / "ticketing.db").write_bytes(sqlite_template.read_bytes())
    monkeypatch.setenv("OTEL_EXPORTER_OTLP_ENDPOINT", address)
    monkeypatch.setenv("OTEL_EXPORTER_OTLP_COMPRESSION", "none")

    with running_server(tmp_path, "serve", "--workers", "1", TRACING="on") as server:
        server.call("GET", "/api/movies?q=hunter2", X_Request_ID="r-1")
        assert server.stop() == 0

    assert {path for path, _ in sent} == {"/v1/traces"}
    payload = b"".join(body for _, body in sent)
    assert b"GET /api/movies" in payload
    assert b"r-1" in payload
    assert b"hunter2" not in payload


def test_without_opentelemetry_the_server_does_not_start(monkeypatch, sqlite_url):
    monkeypatch.setattr(tracing, "find_spec", lambda _name: None)

    with pytest.raises(CannotRun, match="pip install"):
        run_server(settings(sqlite_url, TRACING="on"), "127.0.0.1", 1, 1, 1, lambda: None)
