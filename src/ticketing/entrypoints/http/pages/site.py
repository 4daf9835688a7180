"""The customers' pages: the programme, the room of a show and the account.

They come without data. Their modules, in ``static``, call the public API only.
"""

from pathlib import Path

from flask import Blueprint, Flask, Response, render_template, request
from werkzeug.exceptions import NotFound

from ticketing.domain.programme.show import ShowId
from ticketing.entrypoints.http.web import problems
from ticketing.entrypoints.http.web.context import config, office
from ticketing.entrypoints.http.web.rate_limits import LOADING, limited

CONTENT_SECURITY_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; "
    "connect-src 'self'; form-action 'none'; base-uri 'none'; frame-ancestors 'none'; "
    "require-trusted-types-for 'script'"
)

_FILES = {file.name: file for file in (Path(__file__).parent / "static").iterdir()}
_CONTENT_TYPES = {".css": "text/css", ".js": "text/javascript", ".svg": "image/svg+xml"}
"""Not those of the machine: browsers execute no module that it calls ``text/plain``."""

blueprint = Blueprint("pages", __name__, template_folder="templates")


@blueprint.app_context_processor
def _template_context() -> dict[str, str]:
    return {"cinema": config().cinema_name}


@blueprint.route("/")
def programme() -> str:
    return render_template("pages/programme.html")


@blueprint.route("/shows/<id:show_id>")
def show(show_id: int) -> str:
    """Return the page of a show. Raises ShowNotFound."""
    office().queries.programme.show(ShowId(show_id))
    return render_template("pages/show.html")


@blueprint.route("/account")
def account() -> str:
    return render_template("pages/account.html")


@blueprint.route("/static/pages/<path:name>")
@limited(LOADING)
def static_file(name: str) -> Response:
    """Return a module, a style sheet or an image. Raises NotFound."""
    file = _FILES.get(name.removesuffix("/"))
    if file is None:
        raise NotFound
    return Response(file.read_bytes(), mimetype=_CONTENT_TYPES[file.suffix])


@blueprint.after_request
def _add_headers(response: Response) -> Response:
    """Let browsers keep pages and files, but ask each time whether they have changed.

    The ETag follows from the content: all servers have the same, whenever they were installed.
    """
    response.headers["Cache-Control"] = "no-cache"
    if response.mimetype == "text/html":
        response.headers["Content-Security-Policy"] = CONTENT_SECURITY_POLICY
    if response.status_code == 200:
        response.add_etag()
        response.make_conditional(request)
    return response


def _error_page(status: int, title: str, detail: str) -> Response:
    page = render_template("pages/error.html", title=title, detail=detail)
    return Response(page, status)


problems.register_pages(blueprint, _error_page)


def register(app: Flask) -> None:
    app.register_blueprint(blueprint)
