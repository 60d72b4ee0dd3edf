"""Why an address is refused, or not, over JSON: the matcher's own verdict in words."""

from __future__ import annotations

from typing import Annotated, Literal

from msgspec import Meta

from roundtrip.api.operation import KEYS, Call, Operation
from roundtrip.api.wire import Wire
from roundtrip.core.errors import AppError, Kind
from roundtrip.flows.wire import Guid
from roundtrip.sites import actions as sites
from roundtrip.sites.refusals.advice import Advice, advise
from roundtrip.sites.refusals.marking import marked_whole
from roundtrip.sites.verdict import Rule
from roundtrip.storage.database import Tx

BOTH = (Rule.REDIRECT_URI, Rule.REDIRECT_DOMAIN)
"""The rules that an address is held against when none is named."""


class ExplainRequest(Wire):
    """Which client, which address, and which rule (`kind`; both of the first two if not given)."""

    client_id: Guid
    url: Annotated[str, Meta(max_length=4096)]
    kind: Literal["REDIRECT_URI", "REDIRECT_DOMAIN", "POST_LOGOUT_URI"] | None = None


class VerdictView(Wire, omit_defaults=False):
    """The answer of one rule. `marked` is the received address cut before and after its guilty stretch; `add` the entry that would help."""

    rule: str
    allowed: bool
    reason: str
    part: str | None
    received: str | None
    expected: str | None
    closest: str | None
    marked: list[str]
    received_host: str
    difference: str
    advice: str
    add: str | None
    description: str


class ExplainResponse(Wire, omit_defaults=False):
    """One verdict per rule. `mode` is the site's: some addresses pass on a test site only."""

    mode: str
    verdicts: list[VerdictView]


async def explain(call: Call) -> ExplainResponse:
    """Hold an address against a client's lists and say what decided."""
    body: ExplainRequest = call.body
    rules = (Rule(body.kind),) if body.kind else BOTH
    mode, found = await call.read(_explain, call.site_id, body.client_id.lower(), body.url, rules, call.now)
    return ExplainResponse(mode, [_verdict(advice) for advice in found])


def _explain(tx: Tx, site_id: str, client_id: str, url: str, rules: tuple[Rule, ...], now: int) -> tuple[str, list[Advice]]:
    client, site = sites.require_client(tx, client_id)
    if site.id != site_id:
        raise AppError(
            Kind.NOT_FOUND, "CLIENT_NOT_FOUND", f"There is no client {client_id!r} for this caller.", data={"clientId": client_id}
        )
    return site.mode.value, [advise(client, site.mode, rule, url, now=now) for rule in rules]


def _verdict(advice: Advice) -> VerdictView:
    verdict, said = advice.verdict, advice.explanation
    return VerdictView(
        rule=verdict.rule.value,
        allowed=verdict.allowed,
        reason=str(verdict.reason),
        part=verdict.part.value if verdict.part and not verdict.allowed else None,
        received=None if verdict.allowed else verdict.received_value,
        expected=verdict.expected_value,
        closest=verdict.closest,
        marked=list(marked_whole(verdict)),
        received_host=said.received_host,
        difference=said.difference,
        advice=said.advice,
        add=said.add,
        description=said.description,
    )


OPERATIONS: tuple[Operation, ...] = (
    Operation(
        name="ExplainAddress",
        method="POST",
        paths=("/api/v1/explain",),
        summary="Say whether a client's visitors may be sent to an address, which rule decided, and what would make it pass.",
        run=explain,
        permission="client.read",
        callers=KEYS,
        request=ExplainRequest,
        response=ExplainResponse,
        example={"clientId": "5d0b2c1e-7a54-4f0e-9b1f-1f6f0f1b7a01", "url": "https://shop.example/cb/", "kind": "REDIRECT_URI"},
        errors=("CLIENT_NOT_FOUND",),
    ),
)
