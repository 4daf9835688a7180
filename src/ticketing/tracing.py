"""Tracing with OpenTelemetry, which the extra ``tracing`` installs.

It is configured by its own variables (OTEL_EXPORTER_OTLP_ENDPOINT, OTEL_SERVICE_NAME …). Spans
contain no query strings, bodies or values of statements, and no header but ``User-Agent``.
"""

import os
from collections.abc import Callable, Iterator
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
_EXCLUDED_URLS = "/healthz$,/readyz$,/metrics$"
_URL_ATTRIBUTES = ("url.query", "url.full", "http.target", "http.url")

MISSING = "TICKETING_TRACING=on needs OpenTelemetry: pip install 'ticketing[tracing]'."


def is_installed() -> bool:
    return find_spec("opentelemetry") is not None and all(
        find_spec(f"opentelemetry.{name}") for name in _LIBRARIES
    )


def exporting_provider() -> "TracerProvider":
    """Return a provider that exports spans by OTLP over HTTP, in a thread of this process."""
    from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
    from opentelemetry.sdk.resources import Resource
    from opentelemetry.sdk.trace import TracerProvider
    from opentelemetry.sdk.trace.export import BatchSpanProcessor

    os.environ.setdefault("OTEL_SEMCONV_STABILITY_OPT_IN", "http,database")
    name = os.environ.get("OTEL_SERVICE_NAME", "ticketing")
    resource = Resource.create({"service.name": name, "service.version": __version__})
    provider = TracerProvider(resource=resource)
    provider.add_span_processor(BatchSpanProcessor(OTLPSpanExporter()))
    Finalize(provider, provider.shutdown, exitpriority=1)  # atexit does not run in forked workers
    return provider


def trace_requests(app: Flask, provider: "TracerProvider") -> None:
    """Trace the requests of an app without hooks yet, so that those they refuse are traced too."""
    from opentelemetry.instrumentation.flask import FlaskInstrumentor

    FlaskInstrumentor().instrument_app(  # type: ignore[no-untyped-call]
        app, tracer_provider=provider, excluded_urls=_EXCLUDED_URLS, enable_commenter=False
    )
    app.after_request(_set_attributes)


def trace_statements(engines: list[Engine], provider: "TracerProvider") -> None:
    from opentelemetry.instrumentation.sqlalchemy import SQLAlchemyInstrumentor

    # It declares SQLAlchemy < 2.1, but works with 2.1, as the tests show.
    SQLAlchemyInstrumentor().instrument(
        engines=engines, tracer_provider=provider, skip_dep_check=True
    )
    for engine in engines:
        engine.update_execution_options(**{AROUND_MESSAGES: _message_spans(provider)})


def untraced(job: Callable[[], None]) -> Callable[[], None]:
    """Return a periodic job without traces, which would soon outnumber those of requests."""
    from opentelemetry.instrumentation.utils import suppress_instrumentation

    def run() -> None:
        with suppress_instrumentation():
            job()

    return run


def _set_attributes(response: Response) -> Response:
    from opentelemetry.trace import get_current_span

    span = get_current_span()
    span.set_attribute("ticketing.request_id", g.request_id)
    if request.url_rule is None:  # the name would be a path that the client made up
        span.update_name("HTTP")
    for name in _URL_ATTRIBUTES:
        if name in getattr(span, "attributes", {}):
            span.set_attribute(name, "" if name == "url.query" else request.path)
    return response


def _message_spans(provider: "TracerProvider") -> Callable[[str], AbstractContextManager[None]]:
    """Return what traces messages that are sent without SQLAlchemy."""
    from opentelemetry.trace import SpanKind

    tracer = provider.get_tracer("ticketing")

    @contextmanager
    def span(message: str) -> Iterator[None]:
        attributes = {"db.system.name": "postgresql", "db.query.text": message}
        name = " ".join(message.split()[:2])
        with tracer.start_as_current_span(name, kind=SpanKind.CLIENT, attributes=attributes):
            yield

    return span
