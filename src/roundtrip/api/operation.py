"""The one table of operations: what routing, authorization, OpenAPI and the reference manual are read from.

Runs on bare ASGI: between the socket and an operation there is one dictionary look-up and no middleware.
"""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Concatenate, ParamSpec, TypeVar
from urllib.parse import parse_qsl

import msgspec

from roundtrip.api.services import ApiServices
from roundtrip.core.identity import ApiKey, App, Caller, Member, Visitor
from roundtrip.storage.database import Tx

P = ParamSpec("P")
T = TypeVar("T")

VISITORS: frozenset[type[Caller]] = frozenset({Visitor, Member})
KEYS: frozenset[type[Caller]] = frozenset({ApiKey, App})
GUID_PATTERN = "^[0-9a-fA-F]{8}-([0-9a-fA-F]{4}-){3}[0-9a-fA-F]{12}$"
ANYBODY: frozenset[type[Caller]] = frozenset()
NO_STORE = b"no-store"
ONE_ADDRESS = 5
"""How many times as often as one visitor many of them may ask from one address: a household, an office, a server that asks for them."""


class Answer(msgspec.Struct, frozen=True):
    """A response that is not simply a struct with status 200."""

    body: bytes
    status: int = 200
    content_type: bytes = b"application/json"
    headers: tuple[tuple[bytes, bytes], ...] = ()
    caching: bytes = NO_STORE
    """The `Cache-Control` header."""


class Call(msgspec.Struct):
    """One request on its way through: decoded, with its caller known."""

    services: ApiServices
    operation: Operation
    now: int
    caller: Caller | None
    body: Any
    raw_body: bytes
    path_params: Mapping[str, str]
    query_string: bytes
    headers: Mapping[bytes, bytes]
    address: str
    read_upload: Callable[[], Awaitable[bytes]]
    """The body of an operation with `upload`, once the operation knows that it wants it."""

    @property
    def site_id(self) -> str:
        """The site of the caller; for operations that list their callers, so that there is one."""
        assert self.caller is not None
        return self.caller.site_id

    @property
    def query(self) -> dict[str, str]:
        """The query, last value of each name."""
        return dict(parse_qsl(self.query_string.decode("latin-1"), keep_blank_values=True)) if self.query_string else {}

    def count(self, what: str, allowed: int) -> None:
        """Count one call of a visitor or member, and of its client from one address, which may make five times as many (SES-12).

        Raises LIMITED `RESOURCE_EXHAUSTED`. Keys and apps are not counted.
        """
        caller, limits = self.caller, self.services.limits
        if isinstance(caller, Visitor | Member):
            identity = caller.visitor_id if isinstance(caller, Visitor) else caller.member_id
            limits.count_for(caller.client_id, what, identity, allowed, self.now)
            limits.count_for(caller.client_id, f"{what} from", f"{caller.client_id} {self.address}", allowed * ONE_ADDRESS, self.now)

    async def read(self, fn: Callable[Concatenate[Tx, P], T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Run a transaction that cannot write."""
        return await self.services.db.read(fn, *args, **kwargs)

    async def write(self, fn: Callable[Concatenate[Tx, P], T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Run a transaction and wait until it is durable."""
        return await self.services.db.write(fn, *args, **kwargs)


Run = Callable[[Call], Awaitable[msgspec.Struct | Answer | Mapping[str, Any]]]


@dataclass(frozen=True, slots=True)
class Operation:
    """One thing that can be asked of the API.

    `callers` empty means anybody; `permission` is what an API key needs. `checks_origin`: its own transaction holds a browser's `Origin`
    against the client's lists (decision record 0004), which saves the read that is made for all others. `paths` are all addresses
    it answers on (aliases of the wire contract included), `{name}` being a parameter. `plain_errors`: its clients cannot read validation
    errors, so it answers application errors only. `upload`: it takes a file of at most so many bytes as its body. `example` is a
    request body for the manual and the tests.
    For the OpenAPI document only: `form` is what `form_body` holds, `query_schemas` and `path_schemas` what a parameter may be
    (any text if not given), `produces` the type of the answer; `not_ready` says that it answers 503 with the reasons.
    """

    name: str
    method: str
    paths: tuple[str, ...]
    summary: str
    run: Run
    permission: str
    callers: frozenset[type[Caller]] = ANYBODY
    request: type[msgspec.Struct] | None = None
    response: type[msgspec.Struct] | None = None
    idempotent: bool = False
    form_body: bool = False
    upload: int = 0
    form: type[msgspec.Struct] | None = None
    plain_errors: bool = False
    checks_origin: bool = False
    query: tuple[tuple[str, str], ...] = ()
    query_schemas: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    path_schemas: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    produces: str = "application/json"
    not_ready: bool = False
    example: Mapping[str, Any] = field(default_factory=dict)
    errors: tuple[str, ...] = ()


_PARAM = re.compile(r"\{(\w+)\}")


class Router:
    """Finds the operation of a method and a path. Paths without parameters, which are nearly all, cost one look-up."""

    def __init__(self, operations: Sequence[Operation]) -> None:
        self.operations = tuple(operations)
        self._fixed: dict[str, dict[str, Operation]] = {}
        self._patterns: list[tuple[re.Pattern[str], dict[str, Operation]]] = []
        patterns: dict[str, dict[str, Operation]] = {}
        for operation in operations:
            for path in operation.paths:
                table = patterns if "{" in path else self._fixed
                methods = table.setdefault(path, {})
                if operation.method in methods:
                    raise ValueError(f"{operation.method} {path} is claimed by {methods[operation.method].name} and {operation.name}")
                methods[operation.method] = operation
        for path, methods in patterns.items():
            self._patterns.append((re.compile(_PARAM.sub(r"(?P<\1>[^/]+)", path)), methods))

    def find(self, path: str) -> tuple[Mapping[str, Operation], Mapping[str, str]] | None:
        """The operations on a path, by method, with the path's parameters; None when nothing lives there."""
        methods = self._fixed.get(path)
        if methods is not None:
            return methods, {}
        for pattern, found in self._patterns:
            match = pattern.fullmatch(path)
            if match:
                return found, match.groupdict()
        return None
