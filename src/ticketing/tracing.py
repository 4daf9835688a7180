"""Tracing with OpenTelemetry, whose libraries are the extra ``tracing``.

Its own variables (OTEL_EXPORTER_OTLP_ENDPOINT, OTEL_SERVICE_NAME …) say what goes where. Spans
hold no query strings, bodies or values of statements, and no header but ``User-Agent``.
"""

import os
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from importlib.util import find_spec
from multiprocessing.util import Finalize
from typing import TYPE_CHECKING

from flask import Flask, Response, g, request
from sqlalchemy import Engine

from ticketing import __version__
from ticketing.adapters.sql.postgresql.transactions import AROUND_MESSAGES

if TYPE_CHECKING:
    from opentelemetry.trace import TracerProvider

_LIBRARIES = ("sdk", "exporter", "instrumentation.flask", "instrumentation.sqlalchemy")
_UNTRACED = "/healthz$,/readyz$,/metrics$"
_WITH_QUERIES = ("url.query", "url.full", "http.target", "http.url")


MISSING = "TICKETING_TRACING=on needs OpenTelemetry: pip install 'ticketing[tracing]'."


def is_installed() -> bool:
    return find_spec("opentelemetry") is not None and all(
        find_spec(f"opentelemetry.{name}") for name in _LIBRARIES
    )


def exporting_provider() -> "TracerProvider":
    """What sends spans by OTLP over HTTP. Its thread lives in the process that asks for it."""
    from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
    from opentelemetry.sdk.resources import Resource
    from opentelemetry.sdk.trace import TracerProvider
    from opentelemetry.sdk.trace.export import BatchSpanProcessor

    name = os.environ.get("OTEL_SERVICE_NAME", "ticketing")
    about = Resource.create({"service.name": name, "service.version": __version__})
    provider = TracerProvider(resource=about)
    provider.add_span_processor(BatchSpanProcessor(OTLPSpanExporter()))
    Finalize(provider, provider.shutdown, exitpriority=1)  # forked workers know no atexit
    return provider


def trace(app: Flask, engines: Sequence[Engine], provider: "TracerProvider") -> None:
    """Tell of the requests of ``app`` and of the statements of ``engines``."""
    from opentelemetry.instrumentation.flask import FlaskInstrumentor
    from opentelemetry.instrumentation.sqlalchemy import SQLAlchemyInstrumentor

    os.environ.setdefault("OTEL_SEMCONV_STABILITY_OPT_IN", "http,database")
    FlaskInstrumentor().instrument_app(  # type: ignore[no-untyped-call]
        app, tracer_provider=provider, excluded_urls=_UNTRACED, enable_commenter=False
    )
    before = app.before_request_funcs[None]
    before.insert(0, before.pop())  # what the others refuse has a span, too
    app.after_request(_about_request)
    # It asks for SQLAlchemy before 2.1, and works with it: see the tests.
    SQLAlchemyInstrumentor().instrument(
        engines=list(engines), tracer_provider=provider, skip_dep_check=True
    )
    for engine in engines:
        engine.update_execution_options(**{AROUND_MESSAGES: _message_spans(provider)})


def _about_request(answer: Response) -> Response:
    from opentelemetry.trace import get_current_span

    span = get_current_span()
    span.set_attribute("ticketing.request_id", g.request_id)
    if request.url_rule is None:  # it would be called by a path that somebody made up
        span.update_name("HTTP")
    for name in _WITH_QUERIES:
        if name in getattr(span, "attributes", {}):
            span.set_attribute(name, "" if name == "url.query" else request.path)
    return answer


def _message_spans(provider: "TracerProvider") -> Callable[[str], AbstractContextManager[None]]:
    """Spans for what is sent past SQLAlchemy, whose instrumentation does not see it."""
    from opentelemetry.trace import SpanKind

    tracer = provider.get_tracer("ticketing")

    @contextmanager
    def span(message: str) -> Iterator[None]:
        about = {"db.system.name": "postgresql", "db.query.text": message}
        name = " ".join(message.removeprefix("BEGIN; ").split()[:2])
        with tracer.start_as_current_span(name, kind=SpanKind.CLIENT, attributes=about):
            yield

    return span
