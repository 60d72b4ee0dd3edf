"""Plans for shop fronts, and for the owner's own server code. Visitors see what is sold and not hidden, keys see and change everything."""

from __future__ import annotations

from typing import Any

from roundtrip.api.operation import KEYS, VISITORS, Call, Operation
from roundtrip.api.plans_view import Json, plan_out
from roundtrip.api.query_calls import PARAMETERS, PagingMetadata, QueryBody, asked, paging_metadata
from roundtrip.api.settings_calls import change_of, own_site
from roundtrip.api.stores_views import sees_hidden
from roundtrip.api.wire import Wire
from roundtrip.core.ids import derived_id, new_id
from roundtrip.plans.plan import actions, store
from roundtrip.plans.plan.draft import PlanDraft
from roundtrip.query.model import Query
from roundtrip.query.parse import read_query
from roundtrip.storage.database import Tx
from roundtrip.workflows import plan_services
from roundtrip.workflows.shop import open_shop


class Plans(Wire, omit_defaults=False):
    """A page of plans."""

    plans: list[dict[str, Any]]
    paging_metadata: PagingMetadata


class PlanAnswer(Wire, omit_defaults=False):
    """One plan."""

    plan: dict[str, Any]


class PlanBody(Wire):
    """A new plan, or what changes about one: fields that are not sent stay. With `revision`, only if nobody was quicker."""

    plan: PlanDraft


async def query_public(call: Call) -> Plans:
    """List the plans that are sold and not hidden, in the owner's order."""
    return await call.read(_queried, call, read_query(asked(call, QueryBody).query, store.PLANS), False)


async def query_all(call: Call) -> Plans:
    """List all plans, hidden and archived ones too."""
    return await call.read(_queried, call, read_query(asked(call, QueryBody).query, store.PLANS), True)


def _queried(tx: Tx, call: Call, wanted: Query, all_of: bool) -> Plans:
    page, found = store.query(tx, call.site_id, wanted, all_of=all_of)
    return Plans([plan_out(one, whole=all_of) for one in found], paging_metadata(page))


async def get(call: Call) -> PlanAnswer:
    """Read one plan."""
    return PlanAnswer(await call.read(_found, call))


def _found(tx: Tx, call: Call) -> Json:
    plan_id = call.path_params["id"]
    found = actions.require(tx, call.site_id, plan_id)
    if not sees_hidden(call) and (found.is_archived or found.is_hidden):
        raise actions.no_such_plan(plan_id)
    return plan_out(found, whole=sees_hidden(call))


async def create(call: Call) -> PlanAnswer:
    """Make a plan."""
    return PlanAnswer(await call.write(_create, call, new_id(call.now)))


def _create(tx: Tx, call: Call, plan_id: str) -> Json:
    body: PlanBody = call.body
    change = change_of(tx, call, derived_id(plan_id, "change"))
    currency = open_shop(tx, own_site(tx, call)).currency
    made = actions.create(tx, call.site_id, body.plan, plan_id=plan_id, currency=currency, change=change)
    plan_services.follow(tx, None, made, change)
    return plan_out(made, whole=True)


async def update(call: Call) -> PlanAnswer:
    """Set the fields that are sent; who has bought the plan keeps what was agreed."""
    return PlanAnswer(await call.write(_update, call, new_id(call.now)))


def _update(tx: Tx, call: Call, entry_id: str) -> Json:
    body: PlanBody = call.body
    before = actions.require(tx, call.site_id, call.path_params["id"])
    change = change_of(tx, call, entry_id)
    changed = actions.update(tx, call.site_id, before.id, body.plan, currency=before.terms.currency, change=change)
    plan_services.follow(tx, before, changed, change)
    return plan_out(changed, whole=True)


async def archive(call: Call) -> PlanAnswer:
    """Sell a plan no more. Who has bought it keeps it."""

    def archiving(tx: Tx, entry_id: str) -> Json:
        return plan_out(actions.archive(tx, call.site_id, call.path_params["id"], change_of(tx, call, entry_id)), whole=True)

    return PlanAnswer(await call.write(archiving, new_id(call.now)))


PREFIXES = ("/pricing-plans/v2", "/_api/pricing-plans/v2")


def paths(rest: str) -> tuple[str, ...]:
    """All addresses of one call."""
    return tuple(prefix + rest for prefix in PREFIXES)


_UNKNOWN = ("PLAN_NOT_FOUND",)
_SUMMARY = f"Filters: {', '.join(store.PLANS.fields)}. Sorts: {', '.join(store.PLANS.sortable)}."
_PUBLIC = f"List the plans that are sold and not hidden. {_SUMMARY}"
_QUERY = {"query": {"filter": {}, "paging": {"limit": 50, "offset": 0}}}
_EXAMPLE = {
    "plan": {
        "name": "Monthly",
        "pricing": {"subscription": {"cycleDuration": {"count": 1, "unit": "MONTH"}, "cycleCount": 0}, "price": {"value": "79.00"}},
        "perks": {"values": ["Unlimited classes"]},
        "buyerCanCancel": True,
    }
}
OPERATIONS: tuple[Operation, ...] = (
    Operation("QueryPublicPlans", "POST", paths("/plans/public/query"), _PUBLIC, query_public, "plan.read", VISITORS | KEYS, QueryBody,
              Plans, example=_QUERY),
    Operation("QueryPublicPlansByAddress", "GET", (*paths("/plans/public/query"), *paths("/plans/public")), _PUBLIC, query_public,
              "plan.read", VISITORS | KEYS, None, Plans, query=PARAMETERS),
    Operation("QueryPlans", "POST", paths("/plans/query"), f"List all plans. {_SUMMARY}", query_all, "plan.read", KEYS, QueryBody, Plans,
              example=_QUERY),
    Operation("GetPlan", "GET", paths("/plans/{id}"), "Read one plan.", get, "plan.read", VISITORS | KEYS, None, PlanAnswer,
              errors=_UNKNOWN),
    Operation("CreatePlan", "POST", paths("/plans"), "Make a plan.", create, "plan.manage", KEYS, PlanBody, PlanAnswer, example=_EXAMPLE,
              errors=("SLUG_TAKEN", "SERVICE_NOT_FOUND")),
    Operation("UpdatePlan", "PATCH", paths("/plans/{id}"), "Set the fields of a plan that are sent.", update, "plan.manage", KEYS,
              PlanBody, PlanAnswer, example={"plan": {"description": "As often as you like.", "revision": "1"}},
              errors=(*_UNKNOWN, "SLUG_TAKEN", "SERVICE_NOT_FOUND", "REVISION_CHANGED")),
    Operation("ArchivePlan", "POST", paths("/plans/{id}/archive"), "Sell a plan no more; who has bought it keeps it.", archive,
              "plan.manage", KEYS, None, PlanAnswer, errors=_UNKNOWN),
)  # fmt: skip
