"""The measured server: the application as operators run it, with two additional resources.

``POST /echo`` only parses and renders the body of a booking. ``GET /constant`` returns a
constant, the cheapest response possible.
"""

import sys
from typing import Any

from flask import Flask, Response, jsonify

from ticketing import logs
from ticketing.bootstrap import wsgi_app
from ticketing.entrypoints.http.api.seat_choice import SeatChoiceSchema
from ticketing.entrypoints.http.web.openapi import Resource
from ticketing.entrypoints.server import serve
from ticketing.settings import Settings, environment

blueprint = Resource("yardsticks", __name__)


@blueprint.route("/echo", methods=["POST"])
@blueprint.arguments(SeatChoiceSchema)
@blueprint.response(200, SeatChoiceSchema)
def echo(body: dict[str, Any]) -> dict[str, Any]:
    return body


@blueprint.route("/constant")
def constant() -> Response:
    return jsonify(status="ok")


def app_with_yardsticks() -> Flask:
    app = wsgi_app("http://127.0.0.1:8000")
    app.register_blueprint(blueprint)
    return app


def main(port: str) -> None:
    settings = Settings.from_env(environment())
    logs.configure(settings.log_level, settings.log_format)
    serve(
        app_with_yardsticks,
        "127.0.0.1",
        int(port),
        settings.workers,
        settings.threads,
        settings.request_seconds,
        lambda: None,
    )


if __name__ == "__main__":
    main(*sys.argv[1:])
