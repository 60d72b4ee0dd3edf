"""The feed of domain events over JSON: read from where one was, and say how far one has come (WHK-10)."""

from __future__ import annotations

from typing import Annotated, Any

from msgspec import Meta

from roundtrip.api.operation import KEYS, Call, Operation
from roundtrip.api.settings_calls import own_site
from roundtrip.api.webhooks_wire import whole_number
from roundtrip.api.wire import Wire
from roundtrip.core.errors import invalid_field
from roundtrip.storage.database import Tx
from roundtrip.webhooks.catalogue import check_patterns, described
from roundtrip.webhooks.endpoints.model import EVERYTHING
from roundtrip.webhooks.envelopes.standard import told
from roundtrip.webhooks.feed import actions, store

LAST = 2**53


class EventPage(Wire, omit_defaults=False):
    """Events in the order in which they were committed, each as webhooks of the envelope `standard` carry it. `cursor` is where the next
    page begins; while `hasMore` is true, it has something already."""

    events: list[dict[str, Any]]
    cursor: int
    has_more: bool


class Acknowledgement(Wire):
    """All up to `cursor` is done."""

    reader: str
    cursor: Annotated[int, Meta(ge=0, le=LAST)]


class Acknowledged(Wire, omit_defaults=False):
    """Up to where the reader is now."""

    reader: str
    cursor: int


async def read(call: Call) -> EventPage:
    """Read on. `reader` begins behind what that reader acknowledged, `after` behind a cursor; without both it is from the beginning."""
    query = call.query
    if "reader" in query and "after" in query:
        raise invalid_field("after", "cannot be sent together with reader: one of them says where to begin", "ONE_OF_ALIGNMENT")
    patterns = check_patterns(query["event"].split(",")) if query.get("event") else (EVERYTHING,)
    limit, after = whole_number(call, "limit", 100, 1, actions.MOST_AT_ONCE), whole_number(call, "after", 0, 0, LAST)
    return await call.read(_page, call, query.get("reader"), after, limit, patterns)


def _page(tx: Tx, call: Call, reader: str | None, after: int, limit: int, patterns: tuple[str, ...]) -> EventPage:
    is_test = own_site(tx, call).is_test
    if reader is None:
        page = actions.page(tx, call.site_id, after, limit, patterns)
    else:
        page = actions.read(tx, call.site_id, reader, limit, patterns)
    return EventPage([told(one, is_test=is_test) for one in page.events], page.cursor, page.has_more)


async def acknowledge(call: Call) -> Acknowledged:
    """Write down how far a reader has come. What comes late or twice changes nothing."""
    body: Acknowledgement = call.body
    return Acknowledged(body.reader, await call.write(actions.acknowledge, call.site_id, body.reader, body.cursor, call.now))


class Reader(Wire, omit_defaults=False):
    """A program that reads the feed."""

    reader: str
    cursor: int


class ReaderList(Wire, omit_defaults=False):
    """Every reader of the site, by name."""

    readers: list[Reader]


async def readers(call: Call) -> ReaderList:
    """List the readers of the feed."""
    return ReaderList([Reader(name, position) for name, position, _ in await call.read(store.readers, call.site_id)])


class EventType(Wire, omit_defaults=False):
    """An event there is: its name, what it says, the JSON Schema of its `data`, and an example of it."""

    name: str
    meaning: str
    schema: dict[str, Any] | None
    example: dict[str, Any] | None


class EventTypeList(Wire, omit_defaults=False):
    """Every event there is, by name."""

    event_types: list[EventType]


async def types(call: Call) -> EventTypeList:
    """List what can happen."""
    return EventTypeList([EventType(**one) for one in described()])


_FEED = "/api/v1/events"

OPERATIONS: tuple[Operation, ...] = (
    Operation(
        name="ReadEvents",
        method="GET",
        paths=(_FEED,),
        summary="Read what has happened on a site, in the order in which it was committed.",
        run=read,
        permission="event.read",
        callers=KEYS,
        response=EventPage,
        query=(
            ("reader", "begin behind what this reader has acknowledged; any name of yours"),
            ("after", "begin behind this cursor"),
            ("event", "only these: names such as order.paid, order.*, with commas between"),
            ("limit", f"events to look at: 1 to {actions.MOST_AT_ONCE}, by default 100"),
        ),
        query_schemas={
            "limit": {"type": "integer", "minimum": 1, "maximum": actions.MOST_AT_ONCE},
            "after": {"type": "integer", "minimum": 0, "maximum": LAST},
        },
    ),
    Operation(
        name="AcknowledgeEvents",
        method="POST",
        paths=(f"{_FEED}/acknowledge",),
        summary="Say up to where a reader of the feed is done.",
        run=acknowledge,
        permission="event.read",
        callers=KEYS,
        request=Acknowledgement,
        response=Acknowledged,
        example={"reader": "warehouse", "cursor": 0},
        errors=("TOO_MANY_READERS",),
    ),
    Operation(
        name="ListEventTypes",
        method="GET",
        paths=(f"{_FEED}/types",),
        summary="List every event there is, with the JSON Schema of its fields.",
        run=types,
        permission="webhook.read",
        callers=KEYS,
        response=EventTypeList,
    ),
    Operation(
        name="ListEventReaders",
        method="GET",
        paths=(f"{_FEED}/readers",),
        summary="List the readers of the feed and how far they have come.",
        run=readers,
        permission="event.read",
        callers=KEYS,
        response=ReaderList,
    ),
)
