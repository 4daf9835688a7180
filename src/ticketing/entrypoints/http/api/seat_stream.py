"""What is new on the seat map of a show, for pages that are open.

The stream ends after its event, and EventSource comes back by itself: so it holds no thread. Behind
the shipped proxy, ``ticketing serve-live`` answers this path, and keeps the streams open.
"""

from flask import Response, request

from ticketing.domain.programme.show import ShowId
from ticketing.entrypoints.http.api.seats import etag_of
from ticketing.entrypoints.http.web.context import office, served
from ticketing.entrypoints.http.web.openapi import Resource
from ticketing.entrypoints.http.web.seat_events import (
    EVENT_STREAM,
    NOTHING_NEW,
    RETRY,
    STREAM_HEADERS,
    MapState,
)

blueprint = Resource("seat-stream", __name__, description="Follow the seats of a show")

_DATA = {
    "type": "object",
    "properties": {
        "available_seats": {"type": "integer"},
        "held_seats": {"type": "integer"},
        "seats": {"type": "object", "additionalProperties": {"type": "string"}},
    },
    "required": ["available_seats", "held_seats", "seats"],
}
# Before OpenAPI 3.2, the schema of a stream describes each of its events.
_EVENT = {
    "type": "object",
    "properties": {
        "event": {"type": "string", "enum": ["snapshot", "change"]},
        "id": {"type": "string"},
        "retry": {"type": "integer", "description": "In milliseconds"},
        "data": {
            "type": "string",
            "contentMediaType": "application/json",
            "contentSchema": _DATA,
        },
    },
    "required": ["event", "id", "data"],
    "example": {
        "event": "change",
        "id": '"0e57a1"',
        "retry": 2000,
        "data": '{"available_seats":77,"held_seats":1,"seats":{"5":"HELD","6":"AVAILABLE"}}',
    },
}


@blueprint.route("/shows/<id:show_id>/seats/stream")
@blueprint.response(200, _EVENT, content_type=EVENT_STREAM)
@blueprint.doc(
    parameters=[
        {
            "in": "header",
            "name": "Last-Event-ID",
            "description": "The id of the last event; a browser's `EventSource` sends it",
            "schema": {"type": "string"},
        }
    ]
)
def stream_seats(show_id: int) -> Response:
    """Follow the seats of a show

    Server-sent events for `EventSource`: first a `snapshot`, then each `change`. The data is
    `{"available_seats", "held_seats", "seats"}`; `seats` has a status by number, in a snapshot of
    each seat that is not `AVAILABLE`, in a change of each seat that changed. The `id` is the `ETag`
    of the seat map.

    A stream may end at any time, also after one event: come back after `retry`, with the id of the
    last event as `Last-Event-ID`. If nothing has changed since, there is only a comment. Where the
    id is not known any more, a snapshot comes again. An event may be up to a second old and more
    under load: whether a seat can be bought is decided when it is bought.

    204 means that there are too many streams: get the seat map now and then instead.
    """

    def read() -> MapState:
        seats = office().queries.sales.seat_map(ShowId(show_id))
        return MapState.of(f'"{etag_of(seats)}"', seats)

    event_id = request.headers.get("Last-Event-ID", "")
    event = served().seat_events.since(ShowId(show_id), event_id, read)
    body = RETRY + (event or NOTHING_NEW)
    return Response(body, headers=STREAM_HEADERS, content_type=EVENT_STREAM)
