"""Check every response against the OpenAPI documents."""

import re
from copy import deepcopy
from functools import cached_property
from typing import Any

from flask import Flask
from flask.testing import FlaskClient
from openapi_schema_validator import OAS31Validator, oas31_format_checker
from referencing import Registry, Resource
from werkzeug.exceptions import HTTPException
from werkzeug.test import TestResponse

METHODS = ("get", "post", "put", "patch", "delete")


class Document:
    """An OpenAPI document."""

    def __init__(self, document: dict[str, Any]) -> None:
        self.document = document
        strict = deepcopy(document)
        for name, schema in strict["components"]["schemas"].items():
            schema["additionalProperties"] = name == "Problem"  # we send no undocumented member
        whole = Resource.from_contents(
            {"$schema": "https://json-schema.org/draft/2020-12/schema", **strict}
        )
        self._registry: Registry[Any] = Registry().with_resource("urn:document", whole).crawl()

    @cached_property
    def operations(self) -> dict[tuple[str, str], dict[str, Any]]:
        return {
            (method, path): operation
            for path, item in self.document["paths"].items()
            for method, operation in item.items()
            if method in METHODS
        }

    def resolved(self, thing: dict[str, Any]) -> dict[str, Any]:
        while "$ref" in thing:
            found: Any = self.document
            for part in thing["$ref"].removeprefix("#/").split("/"):
                found = found[part]
            thing = found
        return thing

    def validate(self, value: Any, schema: dict[str, Any]) -> None:
        reference = schema.get("$ref")
        absolute = {"$ref": f"urn:document{reference}"} if reference else schema
        OAS31Validator(
            absolute, registry=self._registry, format_checker=oas31_format_checker
        ).validate(value)


class Documents:
    """All documents of an application."""

    def __init__(self, app: Flask) -> None:
        self._app = app

    @cached_property
    def _all(self) -> list[Document]:
        apis = self._app.extensions["ticketing.documents"]
        return [Document(api.spec.to_dict()) for api in apis.values()]

    def operation(self, method: str, path: str) -> tuple[Document, dict[str, Any]] | None:
        """Return the operation of a request; None if it is not documented."""
        try:
            rule, _ = self._app.url_map.bind("localhost").match(path, method, return_rule=True)
        except HTTPException:
            return None
        place = method.lower(), re.sub(r"<\w+:(\w+)>", r"{\1}", rule.rule)
        for document in self._all:
            if operation := document.operations.get(place):
                return document, operation
        return None


class CheckedClient(FlaskClient):
    """Fail the test if a response is not as documented."""

    promises_are_checked = True

    def open(self, *args: Any, **kwargs: Any) -> TestResponse:
        answer = super().open(*args, **kwargs)
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        assert answer.headers["X-Request-ID"]
        assert "Server" not in answer.headers
        if answer.status_code >= 400:
            check_problem(answer)
        if self.promises_are_checked:
            self._check_against_documents(answer)
        return answer

    def _check_against_documents(self, answer: TestResponse) -> None:
        request = answer.request
        documents: Documents = self.application.extensions["documents under test"]
        if not (found := documents.operation(request.method, request.path)):
            return
        document, operation = found
        assert str(answer.status_code) in operation["responses"], (request, answer.status)
        promised = document.resolved(operation["responses"][str(answer.status_code)])
        if "content" in promised:
            schema = promised["content"][answer.mimetype]["schema"]
            for body in _documented_bodies(answer):
                document.validate(body, schema)
        else:
            assert answer.data == b""
        for name, header in promised.get("headers", {}).items():
            assert name in answer.headers or not header.get("required", True)


def _documented_bodies(answer: TestResponse) -> list[Any]:
    """Return what the schema describes: the body, or each event of a stream."""
    if answer.mimetype != "text/event-stream":
        return [answer.json if answer.is_json else answer.text]
    blocks = [block.split("\n") for block in answer.text.split("\n\n")]
    events = [dict(line.split(": ", 1) for line in block if ": " in line) for block in blocks]
    return [{**event, "retry": int(event["retry"])} for event in events if "data" in event]


def check_problem(answer: TestResponse) -> None:
    """Check that an error has all members of a problem (RFC 9457)."""
    assert answer.mimetype == "application/problem+json"
    body: Any = answer.json
    assert body["status"] == answer.status_code
    assert body["type"].endswith(body["code"])
    assert body["title"]
    assert body["detail"]
    path = answer.request.path
    assert body["instance"] == (path[:200] if answer.status_code == 414 else path)
    assert re.fullmatch("[a-z0-9_]+", body["code"])
    assert body["request_id"] == answer.headers["X-Request-ID"]
    assert not re.search("Traceback|sqlite|sqlalchemy|SELECT |INSERT ", answer.text)
    if answer.status_code == 401:
        assert answer.headers["WWW-Authenticate"].startswith("Bearer")
    if answer.status_code == 503:
        assert int(answer.headers["Retry-After"]) > 0
