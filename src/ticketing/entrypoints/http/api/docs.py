"""The documentation: the OpenAPI documents, Swagger UI and ReDoc.

Scripts and styles come from installed Python packages, so the pages work offline, and the
Content-Security-Policy allows no other origin.
"""

from functools import cache, partial
from importlib.util import find_spec
from pathlib import Path

from flask import Blueprint, Flask, Response, current_app, render_template, send_from_directory
from flask_smorest import Api

from ticketing.entrypoints.http.web.openapi import complete_document

CONTENT_SECURITY_POLICY = "; ".join(
    (
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self' 'unsafe-inline'",  # both pages create styles
        "img-src 'self' data:",
        "font-src 'self' data:",
        "connect-src 'self'",
        "worker-src 'self' blob:",  # ReDoc searches in a worker
        "base-uri 'none'",
        "form-action 'none'",
        "frame-ancestors 'none'",
    )
)

_A_DAY = 86_400

blueprint = Blueprint(
    "docs", __name__, template_folder="templates", static_folder="static", static_url_path="/docs"
)


def _folder_of(package: str, *parts: str) -> Path:
    """Return a folder of an installed package without importing the package."""
    found = find_spec(package)
    assert found is not None and found.submodule_search_locations
    return Path(found.submodule_search_locations[0], *parts)


_ASSETS = {
    "swagger-ui": _folder_of("flask_swagger_ui", "dist"),
    "redoc": _folder_of("flask_openapi3_redoc", "templates", "redoc", "js"),
}


@blueprint.route("/swagger/")
def swagger() -> Response:
    apis: dict[str, Api] = current_app.extensions["ticketing.documents"]
    offered = [{"url": path, "name": api.spec.title} for path, api in apis.items()]
    return _page("swagger.html", documents=offered)


@blueprint.route("/redoc/")
def redoc() -> Response:
    return _page("redoc.html")


def _page(template: str, **values: object) -> Response:
    answer = Response(render_template(template, **values), content_type="text/html; charset=utf-8")
    answer.headers["Content-Security-Policy"] = CONTENT_SECURITY_POLICY
    return answer


@blueprint.route("/docs/redoc/redoc.standalone.js")
def redoc_script() -> Response:
    answer = Response(_redoc_script(), content_type="text/javascript; charset=utf-8")
    answer.cache_control.max_age = _A_DAY
    return answer


@cache
def _redoc_script() -> bytes:
    """Return ReDoc's script without the logo, which it would load from another server."""
    script = (_ASSETS["redoc"] / "redoc.standalone.js").read_bytes()
    return script.replace(b"https://cdn.redoc.ly/redoc/logo-mini.svg", b"data:,")


@blueprint.route("/docs/<any('swagger-ui', 'redoc'):which>/<path:name>")
def asset(which: str, name: str) -> Response:
    return send_from_directory(_ASSETS[which], name, max_age=_A_DAY)


def register(app: Flask, documents: dict[str, Api]) -> None:
    """Serve the pages, and each document at its path."""
    app.extensions["ticketing.documents"] = documents
    app.register_blueprint(blueprint)
    for path, api in documents.items():
        body = app.json.dumps(complete_document(api))
        app.add_url_rule(path, path, partial(Response, body, content_type="application/json"))
