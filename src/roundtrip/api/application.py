"""The ASGI application of the JSON side: from a socket to an operation and back. Answers are always the contract's bodies."""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable, Mapping, MutableMapping
from functools import partial
from typing import Any

import msgspec

from roundtrip.api import errors
from roundtrip.api.authorization import find_caller
from roundtrip.api.errors import HttpError
from roundtrip.api.operation import NO_STORE, Answer, Call, Operation, Router
from roundtrip.api.services import ApiServices
from roundtrip.api.wire import decode
from roundtrip.core.errors import AppError, Kind
from roundtrip.core.nul import refuse_in_address
from roundtrip.storage.errors import StorageError

logger = logging.getLogger("roundtrip.api")

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]
Headers = list[tuple[bytes, bytes]]

MAX_BODY = 256 * 1024

# Preflights carry neither token nor client, so every route, unknown ones and errors included, answers any origin, without credentials
# (decision record 0004). Nothing here depends on a cookie.
CORS: Headers = [
    (b"access-control-allow-origin", b"*"),
    (b"access-control-expose-headers", b"x-wix-request-id, x-wix-consistent, retry-after, x-roundtrip-notice"),
]
PREFLIGHT: Headers = [
    *CORS,
    (b"access-control-allow-methods", b"GET, POST, PATCH, PUT, DELETE"),
    (b"access-control-max-age", b"86400"),
    (b"vary", b"access-control-request-headers"),
]
ALLOWED_HEADERS = (
    b"authorization, content-type, x-wix-bi-gateway, x-wix-linguist, x-wix-consistent, x-wix-currency, wix-site-id, "
    b"wix-account-id, client-binding, commonconfig, idempotency-key"
)
NOSNIFF = (b"x-content-type-options", b"nosniff")
COMMON: Headers = [*CORS, (b"cache-control", NO_STORE), NOSNIFF]


class Api:
    """Serves a table of operations. `owns` tells the outside which paths are ours."""

    def __init__(self, operations: tuple[Operation, ...], services: ApiServices) -> None:
        self.router = Router(operations)
        self._services = services
        self._decoders = {
            operation.name: msgspec.json.Decoder(operation.request) for operation in operations if operation.request is not None
        }

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> int:
        """Answer one request; tells the status, so that nobody has to listen in on `send` to count it."""
        request_id: bytes = scope["roundtrip.request_id"]
        method: str = scope["method"]
        if method == "OPTIONS":
            return await _send(send, 200, b"{}", [*PREFLIGHT, (b"access-control-allow-headers", _allowed_headers(scope))], request_id)
        try:
            answer = await self._answer(scope, receive, method)
        except AppError as error:
            return await _send(send, errors.STATUS[error.kind], errors.body(error), _refusal_headers(error), request_id)
        except HttpError as error:
            body = errors.plain_body(error.code, error.description)
            return await _send(send, error.status, body, [*COMMON, *error.headers], request_id)
        except StorageError as error:
            logger.error("storage failed: %s", error, extra={"request_id": request_id.decode()})
            text = "The database can't be reached right now; nothing was kept. Try again in a moment."
            return await _send(send, 503, errors.plain_body("UNAVAILABLE", text), [*COMMON, (b"retry-after", b"1")], request_id)
        except Exception:
            logger.exception("operation failed", extra={"request_id": request_id.decode()})
            text = "Something went wrong on our side. Tell the operator the request id of this answer."
            return await _send(send, 500, errors.plain_body("INTERNAL", text), COMMON, request_id)
        common = COMMON if answer.caching == NO_STORE else [*CORS, (b"cache-control", answer.caching), NOSNIFF]
        headers = [*common, *answer.headers] if answer.headers else common
        return await _send(send, answer.status, answer.body, headers, request_id, answer.content_type)

    async def _answer(self, scope: Scope, receive: Receive, method: str) -> Answer:
        refuse_in_address(scope["path"], scope["query_string"])
        found = self.router.find(scope["path"])
        if found is None:
            raise HttpError(
                404, "NOT_FOUND", f"Nothing answers {method} {scope['path']}. The paths of this API are listed in /openapi.json."
            )
        methods, path_params = found
        operation = methods.get("GET" if method == "HEAD" else method)
        if operation is None:
            allow = ", ".join(sorted(methods))
            raise HttpError(405, "METHOD_NOT_ALLOWED", f"{scope['path']} answers {allow}, not {method}.", ((b"allow", allow.encode()),))
        return await self._run(operation, path_params, scope, receive)

    async def _run(self, operation: Operation, path_params: Mapping[str, str], scope: Scope, receive: Receive) -> Answer:
        services = self._services
        headers = dict(scope["headers"])
        now = services.clock()
        caller = await find_caller(services, operation, headers, now)
        body = await read_body(receive) if operation.request is not None or operation.form_body else b""
        decoder = self._decoders.get(operation.name)
        try:
            call = Call(
                services=services,
                operation=operation,
                now=now,
                caller=caller,
                body=decode(decoder, body) if decoder is not None else None,
                raw_body=body,
                path_params=path_params,
                query_string=scope["query_string"],
                headers=headers,
                address=scope["client"][0] if scope.get("client") else "",
                read_upload=partial(read_body, receive, operation.upload),
            )
            result = await operation.run(call)
        except AppError as error:
            if error.violations and operation.plain_errors:
                raise AppError(error.kind, error.code, error.description) from error
            raise
        return result if isinstance(result, Answer) else Answer(msgspec.json.encode(result))


async def read_body(receive: Receive, most: int = MAX_BODY) -> bytes:
    """The whole body. Raises 413 as soon as it is longer than `most` bytes, without reading on."""
    message = await receive()
    body: bytes = message.get("body", b"")
    if message.get("more_body"):
        parts = [body]
        size = len(body)
        while message.get("more_body"):
            if size > most:
                break
            message = await receive()
            parts.append(message.get("body", b""))
            size += len(parts[-1])
        body = b"".join(parts)
    if len(body) > most:
        raise HttpError(413, "BODY_TOO_LARGE", f"The body is larger than {most} bytes.", ((b"connection", b"close"),))
    return body


async def _send(
    send: Send, status: int, body: bytes, headers: Headers, request_id: bytes, content_type: bytes = b"application/json"
) -> int:
    # A 304 tells about the answer that its reader has, so it must not speak of a body of its own (RFC 9110 15.4.5).
    about_body = [] if status == 304 else [(b"content-type", content_type), (b"content-length", b"%d" % len(body))]
    await send(
        {
            "type": "http.response.start",
            "status": status,
            "headers": [*about_body, (b"x-wix-request-id", request_id), *headers],
        }
    )
    await send({"type": "http.response.body", "body": body})
    return status


def _refusal_headers(error: AppError) -> Headers:
    headers = list(COMMON)
    if error.retry_after is not None:
        headers.append((b"retry-after", b"%d" % error.retry_after))
    if error.kind is Kind.UNAUTHENTICATED:
        headers.append((b"www-authenticate", b'Bearer error="invalid_token"'))
    return headers


def _allowed_headers(scope: Scope) -> bytes:
    asked: Mapping[bytes, bytes] = dict(scope["headers"])
    wanted = asked.get(b"access-control-request-headers", b"")
    # Only header names can be echoed; anything else in that header gets the fixed list.
    names = wanted.replace(b" ", b"").replace(b",", b"").replace(b"-", b"").replace(b"_", b"")
    return wanted if wanted and len(wanted) <= 1024 and names.isalnum() else ALLOWED_HEADERS
