"""Redirect sessions over JSON: Create Redirect Session on all its paths, and our own read, list, expire and result."""

from __future__ import annotations

import hashlib
from typing import Any

import msgspec

from roundtrip.api.create_wire import CreateRequest, CreateResponse, UrlDetails, WireCallbacks, WirePreferences, WireSession
from roundtrip.api.operation import GUID_PATTERN, KEYS, VISITORS, Answer, Call, Operation
from roundtrip.api.session_view import SessionView, view
from roundtrip.api.wire import Wire
from roundtrip.core.clock import SECOND
from roundtrip.core.errors import AppError, Kind, invalid_field
from roundtrip.core.identity import ApiKey, App, Caller, Member, Visitor
from roundtrip.core.ids import is_guid, new_id
from roundtrip.core.secrets import hash_secret, new_secret, seal, unseal
from roundtrip.flows import create as creation
from roundtrip.flows.create import Creation
from roundtrip.flows.languages import language_of
from roundtrip.flows.registry import registry
from roundtrip.flows.wire import Message
from roundtrip.redirect_session import actions, store
from roundtrip.redirect_session.model import LIVING, Callbacks, Preferences, RedirectSession, Status
from roundtrip.storage import idempotency, outbox
from roundtrip.storage.database import Tx

MAX_WAIT = 30
LOOK_UP_SECONDS = 0.25
PAGE_LIMIT = 100
MAX_KEY = 255
_MAX_DIGITS = 9
NO_PREFERENCES = WirePreferences()
INTENTS = tuple(registry().params)


async def create(call: Call) -> Answer:
    """Make a redirect session. With an `Idempotency-Key` the first answer is kept and given again (SES-10)."""
    wanted = _wanted(call)
    call.count("sessions", call.services.limits.settings.sessions_per_minute)
    key = _idempotency_key(call)
    try:
        if key is None:
            body, created = await call.write(_create, wanted)
        else:
            body, created = await call.write(_create_once, wanted, _caller_scope(call.caller), key, _fingerprint(call))
    except AppError as error:
        call.services.refusals.note_error(creation.client_id_of(wanted), error, "creation", call.now)
        raise
    if created is not None:
        call.services.limits.learn(created.session.client_id, created.site.is_test)
    return Answer(body)


def _idempotency_key(call: Call) -> str | None:
    """The header, or None without one. A long key is refused, not cut: two that differ at their end are two."""
    key = call.headers.get(b"idempotency-key", b"").decode("latin-1").strip()
    if len(key) > MAX_KEY:
        raise invalid_field("Idempotency-Key", f"size must be at most {MAX_KEY}", "MAX_LENGTH", threshold=MAX_KEY)
    return key or None


def _create(tx: Tx, wanted: Creation) -> tuple[bytes, creation.Created | None]:
    created = creation.create(tx, wanted)
    return _encode(created), created


def _create_once(tx: Tx, wanted: Creation, scope: str, key: str, fingerprint: str) -> tuple[bytes, creation.Created | None]:
    """The answer, and the session if it was made just now.

    The answer holds the entry's one-time value, of which the database must not know more than a hash: it is sealed with the key.
    """
    key_hash = hash_secret("idempotency_key", key)
    kept = idempotency.begin(tx, scope, key_hash, fingerprint, wanted.now)
    if kept is not None:
        return unseal(key, kept[1]), None
    body, created = _create(tx, wanted)
    idempotency.finish(tx, scope, key_hash, status=200, body=seal(key, body))
    return body, created


def _wanted(call: Call) -> Creation:
    body = call.body
    given = [intent for intent in INTENTS if getattr(body, intent) is not None]
    if len(given) != 1:
        raise _one_intent(given)
    _check_message(given[0], getattr(body, given[0]))
    flow = registry().flow(given[0])
    preferences = body.preferences or NO_PREFERENCES
    if preferences.additional_query_parameters:
        _check_parameters(preferences.additional_query_parameters)
    origin = call.headers.get(b"origin")
    return Creation(
        flow=flow,
        params=getattr(body, given[0]),
        caller=call.caller,
        callbacks=_callbacks(body.callbacks),
        preferences=_preferences(preferences),
        origin=body.origin,
        language=language_of(
            (preferences.additional_query_parameters or {}).get("lang"), call.headers.get(b"x-wix-linguist", b"").decode("latin-1")
        ),
        session_id=new_id(call.now),
        event_id=new_id(call.now),
        secret=new_secret("JWS."),
        base_url=call.services.issuer,
        lifetimes=call.services.lifetimes,
        now=call.now,
        browser_origin=origin.decode("latin-1") if origin else None,
    )


def _check_message(intent: str, message: Message) -> None:
    broken = message.broken_rule()
    if broken is not None:
        name, description, rule = broken
        raise invalid_field(f"{intent}.{name}", description, rule)


def _one_intent(given: list[str]) -> AppError:
    known = ", ".join(sorted(registry().params))
    if given:
        return invalid_field(
            "intent", f"must be exactly one, received {len(given)}: {', '.join(given)}", "ONE_OF_ALIGNMENT", received=given
        )
    return invalid_field("intent", f"is missing; send one of: {known}", "REQUIRED_ONE_OF_FIELD", expected=sorted(registry().params))


def _callbacks(given: WireCallbacks | None) -> Callbacks:
    if given is None:
        return Callbacks()
    return Callbacks(
        post_flow_url=given.post_flow_url or None,
        thank_you_page_url=given.thank_you_page_url or None,
        login_url=given.login_url or None,
        cart_page_url=given.cart_page_url or None,
        bookings_service_list_url=given.bookings_service_list_url or None,
        plan_list_url=given.plan_list_url or given.plans_list_url or None,
        state=given.state,
    )


def _preferences(given: WirePreferences) -> Preferences:
    return Preferences(
        use_generic_pages=given.use_generic_wix_pages is not False,
        maintain_identity=given.maintain_identity is not False,
        additional_query_parameters=given.additional_query_parameters or {},
        create_short_url=bool(given.create_short_url),
        check_if_published=bool(given.check_if_publish),
    )


def _check_parameters(parameters: dict[str, str]) -> None:
    if len(parameters) > 50 or sum(len(name) + len(value) for name, value in parameters.items()) > 2048:
        raise invalid_field(
            "preferences.additionalQueryParameters", "may have at most 50 entries and 2048 characters in all", "MAX_LENGTH", threshold=2048
        )


def _encode(created: creation.Created) -> bytes:
    entry = created.entry
    token = entry.search_params.get("sessionToken", "")
    session = WireSession(created.session.id, entry.full_url, UrlDetails(entry.endpoint, dict(entry.search_params)), token, "")
    return msgspec.json.encode(CreateResponse(session))


def _fingerprint(call: Call) -> str:
    return hashlib.sha256(call.operation.name.encode() + b"\0" + call.raw_body).hexdigest()


def _caller_scope(caller: Caller | None) -> str:
    """Keys are kept per client (SES-10) and per caller: the answer opens a visitor's own session, and anybody can be a visitor."""
    match caller:
        case None:
            return ""
        case ApiKey():
            return f"key:{caller.key_id}"
        case App():
            return f"app:{caller.client_id}"
        case Visitor():
            return f"client:{caller.client_id}:{caller.visitor_id}"
        case Member():
            return f"client:{caller.client_id}:{caller.member_id}"


async def get(call: Call) -> SessionView:
    """Read one session."""
    return view(await call.read(_owned, call.path_params["id"], call.caller), call.now)


def _owned(tx: Tx, session_id: str, caller: Caller | None) -> RedirectSession:
    """The session if the caller may see it: its creator, or a key of its site. Everybody else gets what an unknown id gets (AUT-14)."""
    session = store.get(tx, session_id.lower()) if is_guid(session_id) else None
    if session is not None and caller is not None and session.site_id == caller.site_id and _may_see(caller, session):
        return session
    raise AppError(Kind.NOT_FOUND, "REDIRECT_SESSION_NOT_FOUND", f"There is no redirect session {session_id!r} for this caller.")


def _may_see(caller: Caller, session: RedirectSession) -> bool:
    match caller:
        case ApiKey() | App():
            return True
        case Visitor():
            return session.caller_kind == "visitor" and session.caller_id == caller.visitor_id
        case Member():
            return session.caller_kind == "member" and session.caller_id == caller.member_id


async def result(call: Call) -> SessionView:
    """How a session ended; waits up to `wait` seconds for an end. Answers with what there is when the time is over, or when this
    server is about to end: the caller's next request goes to another one. Raises LIMITED when too many calls wait already."""
    wait = _integer(call, "wait", 0, 0, MAX_WAIT)
    if not wait:
        return view(await call.read(_owned, call.path_params["id"], call.caller), call.now)
    with call.services.waiting.one_more(call.caller):
        return await _ended(call, call.now + wait * SECOND)


async def _ended(call: Call, deadline: int) -> SessionView:
    session, known = await call.read(_owned_and_counted, call.path_params["id"], call.caller)
    while True:
        now = call.services.clock()
        if session.status_at(now) not in LIVING or now >= deadline or call.services.draining():
            return view(session, now)
        # Woken by the next event about the session; the short time is for the clock, and for a server that ends.
        if await call.services.sessions_awaited.event(session.id, known, LOOK_UP_SECONDS):
            session, known = await call.read(_owned_and_counted, call.path_params["id"], call.caller)


def _owned_and_counted(tx: Tx, session_id: str, caller: Caller | None) -> tuple[RedirectSession, int]:
    """The session, and how many events about it there were by then."""
    session = _owned(tx, session_id, caller)
    return session, outbox.counts(tx, actions.ENTITY, [session.id]).get(session.id, 0)


async def expire(call: Call) -> SessionView:
    """End a session that is not over yet; a page that is already shown cannot complete it any more (SES-06)."""
    return view(await call.write(_expire, call.path_params["id"], call.caller, call.now), call.now)


def _by(caller: Caller | None) -> str:
    """Who ended a session, for its timeline."""
    return {ApiKey: "Your own server", App: "Your own server"}.get(type(caller), "The site")


def _expire(tx: Tx, session_id: str, caller: Caller | None, now: int) -> RedirectSession:
    session = _owned(tx, session_id, caller)
    expired = session.status_at(now) in LIVING and actions.expire(tx, session, now, by=_by(caller))
    session = store.get(tx, session.id) or session
    if not expired:
        status = session.status_at(now).value
        raise AppError(
            Kind.CONFLICT,
            "REDIRECT_SESSION_ENDED",
            f"The redirect session is {status} by now; only a created or opened one can be expired.",
            data={"status": status},
        )
    return session


class SessionPage(Wire, omit_defaults=False):
    """A page of sessions, newest first. `nextCursor` is null on the last one; a page may be short, even empty, and have a next one."""

    redirect_sessions: list[SessionView]
    next_cursor: str | None


async def list_(call: Call) -> SessionPage:
    """Sessions of the key's site, newest first."""
    query = call.query
    limit = _integer(call, "limit", 50, 1, PAGE_LIMIT)
    _check_choice("status", query.get("status"), [status.value for status in Status])
    _check_choice("intent", query.get("intent"), sorted(registry().params))
    for name in ("cursor", "clientId", "callerId"):
        if query.get(name) and not is_guid(query[name]):
            raise invalid_field(name, f"must be a GUID (received {query[name][:50]!r})", "FORMAT")
    wanted = store.Wanted(
        status=query.get("status"),
        intent=query.get("intent"),
        client_id=query.get("clientId") or None,
        caller_id=query.get("callerId") or None,
    )
    sessions, following = await call.read(store.search, call.site_id, wanted, before=query.get("cursor") or None, limit=limit, now=call.now)
    return SessionPage([view(session, call.now) for session in sessions], following)


def _integer(call: Call, name: str, default: int, low: int, high: int) -> int:
    text = call.query.get(name)
    if text is None:
        return default
    if not text.isdecimal() or len(text) > _MAX_DIGITS or not low <= int(text) <= high:
        raise invalid_field(name, f"must be a whole number from {low} to {high} (received {text[:50]!r})", "FORMAT")
    return int(text)


def _check_choice(name: str, value: str | None, choices: list[str]) -> None:
    if value is not None and value not in choices:
        raise invalid_field(name, f"must be one of {', '.join(choices)} (received {value[:50]!r})", "INVALID_ENUM_VALUE")


_CREATE_EXAMPLE: dict[str, Any] = {"login": {}, "callbacks": {"postFlowUrl": "https://shop.example/"}}
_OWN = "/api/v1/redirect-sessions"

OPERATIONS: tuple[Operation, ...] = (
    Operation(
        name="CreateRedirectSession",
        method="POST",
        paths=(
            "/_api/redirects-api/v1/redirect-session",
            "/redirect-session/v1/redirect-session",
            "/headless/v1/redirect-session",
            "/v1/redirect-session",
        ),
        summary="Make a one-time address that takes a visitor through one process and back.",
        run=create,
        permission="redirect_session.create",
        callers=VISITORS | KEYS,
        request=CreateRequest,
        response=CreateResponse,
        idempotent=True,
        checks_origin=True,
        example=_CREATE_EXAMPLE,
        errors=(
            "INVALID_REDIRECT_DOMAIN",
            "INVALID_REDIRECT_URI",
            "FLOW_NOT_INSTALLED",
            "CLIENT_NOT_HEADLESS",
            "ORIGIN_NOT_ALLOWED",
            "CLIENT_NOT_FOUND",
            "RESOURCE_EXHAUSTED",
        ),
    ),
    Operation(
        name="GetRedirectSession",
        method="GET",
        paths=(f"{_OWN}/{{id}}",),
        summary="Read one redirect session.",
        run=get,
        permission="redirect_session.read",
        callers=VISITORS | KEYS,
        response=SessionView,
        errors=("REDIRECT_SESSION_NOT_FOUND",),
    ),
    Operation(
        name="GetRedirectSessionResult",
        method="GET",
        paths=(f"{_OWN}/{{id}}/result",),
        summary="Read how a redirect session ended, waiting for its end if asked to.",
        run=result,
        permission="redirect_session.read",
        callers=VISITORS | KEYS,
        response=SessionView,
        query=(("wait", f"Seconds to wait for an end, 0 to {MAX_WAIT}."),),
        query_schemas={"wait": {"type": "integer", "minimum": 0, "maximum": MAX_WAIT}},
        errors=("REDIRECT_SESSION_NOT_FOUND", "RESOURCE_EXHAUSTED"),
    ),
    Operation(
        name="ExpireRedirectSession",
        method="POST",
        paths=(f"{_OWN}/{{id}}/expire",),
        summary="End a redirect session that is not over yet.",
        run=expire,
        permission="redirect_session.expire",
        callers=VISITORS | KEYS,
        response=SessionView,
        errors=("REDIRECT_SESSION_NOT_FOUND", "REDIRECT_SESSION_ENDED"),
    ),
    Operation(
        name="ListRedirectSessions",
        method="GET",
        paths=(_OWN,),
        summary="List the redirect sessions of a site, newest first.",
        run=list_,
        permission="redirect_session.read",
        callers=KEYS,
        response=SessionPage,
        query=(
            ("status", "Only sessions with this status."),
            ("intent", "Only sessions of this intent."),
            ("clientId", "Only sessions of this client."),
            ("callerId", "Only sessions that this visitor, member or API key asked for."),
            ("cursor", "`nextCursor` of the page before."),
            ("limit", f"1 to {PAGE_LIMIT}; 50 if not given."),
        ),
        query_schemas={
            "status": {"type": "string", "enum": [status.value for status in Status]},
            "intent": {"type": "string", "enum": sorted(INTENTS)},
            "clientId": {"type": "string", "pattern": GUID_PATTERN},
            "cursor": {"type": "string", "pattern": GUID_PATTERN},
            "limit": {"type": "integer", "minimum": 1, "maximum": PAGE_LIMIT},
        },
    ),
)
