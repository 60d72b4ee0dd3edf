"""Addresses that were refused lately, and allowing one, over JSON."""

from __future__ import annotations

from roundtrip.api.operation import KEYS, Call, Operation
from roundtrip.api.wire import Wire
from roundtrip.core.clock import rfc3339
from roundtrip.core.identity import Actor, ApiKey, App
from roundtrip.sites import store as site_store
from roundtrip.sites.model import Client
from roundtrip.sites.refusals import actions, store
from roundtrip.sites.refusals.advice import Advice
from roundtrip.sites.refusals.marking import marked
from roundtrip.sites.refusals.model import KEEP_PER_CLIENT, Refusal
from roundtrip.storage.database import Tx

PAGE = KEEP_PER_CLIENT


class RefusalView(Wire, omit_defaults=False):
    """One refused address. `leftOut` names what it had besides and is not kept: `query`, `fragment`, `end`. `add` is the entry that
    approval would add (null: `whyNot` says why); `typeHost` the host that has to be sent along with the approval."""

    id: str
    client_id: str
    client_revision: int
    rule: str
    address: str
    left_out: list[str]
    reason: str
    place: str
    redirect_session_id: str | None
    count: int
    first_date: str
    last_date: str
    marked: list[str]
    difference: str
    add: str | None
    why_not: str
    type_host: str | None


class RefusalList(Wire, omit_defaults=False):
    """The refused addresses of a site, the latest first."""

    refusals: list[RefusalView]


class ApproveRequest(Wire):
    """`clientRevision` is that of the list, and guards against changes in between; `host` is needed for a domain that is not listed yet."""

    client_revision: int
    host: str = ""


class ApproveResponse(Wire, omit_defaults=False):
    """What was added, and the client's new revision."""

    client_id: str
    added: str
    client_revision: int


async def list_(call: Call) -> RefusalList:
    """What was refused lately, grouped by client, rule and address."""
    found = await call.read(_found, call.site_id, call.now)
    return RefusalList([_view(refusal, client, advice) for refusal, client, advice in found])


def _found(tx: Tx, site_id: str, now: int) -> list[tuple[Refusal, Client, Advice]]:
    rows = []
    for refusal in store.page(tx, site_id, limit=PAGE):
        about = actions.advice_about(tx, refusal, now)
        if about is not None:
            rows.append((refusal, about[0], about[2]))
    return rows


def _view(refusal: Refusal, client: Client, advice: Advice) -> RefusalView:
    return RefusalView(
        id=refusal.id,
        client_id=refusal.client_id,
        client_revision=client.revision,
        rule=refusal.rule.value,
        address=refusal.address,
        left_out=refusal.left_out.split(),
        reason=refusal.reason,
        place=refusal.place,
        redirect_session_id=refusal.session_id,
        count=refusal.count,
        first_date=rfc3339(refusal.first_at),
        last_date=rfc3339(refusal.last_at),
        marked=list(marked(advice.verdict)),
        difference=advice.explanation.difference,
        add=advice.add,
        why_not=advice.why_not,
        type_host=advice.type_host,
    )


async def approve(call: Call) -> ApproveResponse:
    """Allow a refused address: adds exactly the entry that the list of refusals showed."""
    body: ApproveRequest = call.body
    client, added = await call.write(_approve, call, body)
    return ApproveResponse(client.id, added, client.revision)


def _approve(tx: Tx, call: Call, body: ApproveRequest) -> tuple[Client, str]:
    caller = call.caller
    assert isinstance(caller, ApiKey | App)  # the operation lists its callers
    return actions.approve(
        tx,
        site_id=caller.site_id,
        refusal_id=call.path_params["id"].lower(),
        typed_host=body.host,
        revision=body.client_revision,
        actor=_actor(tx, caller),
        now=call.now,
    )


def _actor(tx: Tx, caller: ApiKey | App) -> Actor:
    if isinstance(caller, ApiKey):
        return Actor("api_key", caller.key_id, site_store.api_key_name(tx, caller.site_id, caller.key_id) or "API key")
    client = site_store.client(tx, caller.client_id)
    return Actor("app", caller.client_id, client.name if client else "Client")


_OWN = "/api/v1/refusals"

OPERATIONS: tuple[Operation, ...] = (
    Operation(
        name="ListRefusals",
        method="GET",
        paths=(_OWN,),
        summary="List the addresses that were refused lately, with what would make each pass.",
        run=list_,
        permission="refusal.read",
        callers=KEYS,
        response=RefusalList,
    ),
    Operation(
        name="ApproveRefusal",
        method="POST",
        paths=(f"{_OWN}/{{id}}/approve",),
        summary="Allow a refused address by adding exactly the entry that lets it pass.",
        run=approve,
        permission="refusal.approve",
        callers=KEYS,
        request=ApproveRequest,
        response=ApproveResponse,
        example={"clientRevision": 3, "host": "preview.shop.example"},
        errors=("REFUSAL_NOT_FOUND", "APPROVAL_NOT_SAFE", "HOST_NOT_TYPED", "REVISION_CHANGED"),
    ),
)
