"""SQL of plans, and nothing else."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import msgspec

from roundtrip.plans.plan.model import Details, Plan, Terms
from roundtrip.query.fields import Field, Fields, Kind
from roundtrip.query.listed import listed
from roundtrip.query.model import Page, Query
from roundtrip.query.store import Source, run
from roundtrip.storage.database import Row, Tx, Value

_PLAN = (
    "plan.site_id, plan.id, plan.slug, plan.name, plan.is_hidden, plan.is_archived, plan.position, plan.terms, plan.details,"
    " plan.revision, plan.created_at, plan.updated_at"
)
_PUBLIC = "plan.is_hidden = :no AND plan.is_archived = :no"
_terms = msgspec.json.Decoder(Terms).decode
_details = msgspec.json.Decoder(Details).decode

PLANS: Final = Fields(
    {
        "id": Field(Kind.ID, "plan.id"),
        "slug": Field(Kind.TEXT, "plan.slug", sortable=True),
        "name": Field(Kind.TEXT, "plan.name", folded="plan.name_key", sortable=True),
        "primary": Field(Kind.BOOLEAN, "plan.is_primary"),
        "hidden": Field(Kind.BOOLEAN, "plan.is_hidden"),
        "archived": Field(Kind.BOOLEAN, "plan.is_archived"),
        "sortOrder": Field(Kind.INTEGER, "plan.position", sortable=True),
        "createdDate": Field(Kind.TIME, "plan.created_at", sortable=True),
        "updatedDate": Field(Kind.TIME, "plan.updated_at", sortable=True),
    },
    key="plan.id",
    default_sort=("sortOrder", "createdDate"),
)
"""What plans can be asked for, in the words of the wire."""


def plan(tx: Tx, site_id: str, plan_id: str) -> Plan | None:
    """A plan of this site, hidden and archived ones too."""
    return next(iter(_all(tx, "plan.site_id = :site_id AND plan.id = :id", site_id=site_id, id=plan_id)), None)


def by_slug(tx: Tx, site_id: str, slug: str) -> Plan | None:
    """A plan by the last part of its page's address."""
    return next(iter(_all(tx, "plan.site_id = :site_id AND plan.slug = :slug", site_id=site_id, slug=slug)), None)


def several(tx: Tx, site_id: str, plan_ids: Sequence[str]) -> list[Plan]:
    """Those of these plans that exist, in the owner's order; at most a few hundred."""
    if not plan_ids:
        return []
    names, params = listed("id", sorted(set(plan_ids)))
    where = f"plan.site_id = :site_id AND plan.id IN ({names}) ORDER BY plan.position, plan.created_at, plan.id"
    return _all(tx, where, site_id=site_id, **params)


def query(tx: Tx, site_id: str, wanted: Query, *, all_of: bool) -> tuple[Page, list[Plan]]:
    """A page of the plans of a site; without `all_of` those that are public."""
    where, params = "plan.site_id = :site_id", dict[str, Value](site_id=site_id)
    if not all_of:
        where, params = f"{where} AND {_PUBLIC}", {**params, "no": False}
    page = run(tx, Source(_PLAN, "plan", where, params), wanted)
    return page, [_read(row) for row in page.rows]


def has_any(tx: Tx, site_id: str) -> bool:
    """True when the site has a plan, whatever became of it."""
    return tx.one("SELECT 1 FROM plan WHERE site_id = :site_id LIMIT 1", site_id=site_id) is not None


def currency(tx: Tx, site_id: str) -> str | None:
    """That of the first plan of the site; None when it has none."""
    row = tx.one(f"SELECT {_PLAN} FROM plan WHERE site_id = :site_id ORDER BY position, created_at, id LIMIT 1", site_id=site_id)
    return _read(row).terms.currency if row else None


def lock(tx: Tx, site_id: str, plan_id: str) -> bool:
    """Let nobody else count the buyers of a plan until the transaction ends. False when there is none."""
    return tx.execute("UPDATE plan SET revision = revision WHERE site_id = :site_id AND id = :id", site_id=site_id, id=plan_id) == 1


def insert(tx: Tx, made: Plan) -> bool:
    """Keep a new plan. False when the slug or the id is taken."""
    inserted = tx.execute(
        "INSERT INTO plan (site_id, id, slug, name, name_key, is_primary, is_hidden, is_archived, position, terms, details, revision,"
        " created_at, updated_at) VALUES (:site_id, :id, :slug, :name, :name_key, :is_primary, :is_hidden, :is_archived, :position, :terms,"
        " :details, 1, :created_at, :updated_at) ON CONFLICT DO NOTHING",
        **_values(made),
        created_at=made.created_at,
    )
    return inserted == 1


def replace_plan(tx: Tx, wanted: Plan, revision: int) -> bool:
    """Keep a plan as it is now, if it still has this revision. The slug must be free."""
    changed = tx.execute(
        "UPDATE plan SET slug = :slug, name = :name, name_key = :name_key, is_primary = :is_primary, is_hidden = :is_hidden,"
        " is_archived = :is_archived, position = :position, terms = :terms, details = :details, updated_at = :updated_at,"
        " revision = revision + 1 WHERE site_id = :site_id AND id = :id AND revision = :revision",
        **_values(wanted),
        revision=revision,
    )
    return changed == 1


def _all(tx: Tx, where: str, **params: Value) -> list[Plan]:
    return [_read(row) for row in tx.all(f"SELECT {_PLAN} FROM plan WHERE {where}", **params)]


def _values(one: Plan) -> dict[str, Value]:
    return {
        "site_id": one.site_id,
        "id": one.id,
        "slug": one.slug,
        "name": one.name,
        "name_key": one.name.casefold(),
        "is_primary": one.details.is_primary,
        "is_hidden": one.is_hidden,
        "is_archived": one.is_archived,
        "position": one.position,
        "terms": msgspec.json.encode(one.terms).decode(),
        "details": msgspec.json.encode(one.details).decode(),
        "updated_at": one.updated_at,
    }


def _read(row: Row) -> Plan:
    return Plan(
        row[0], row[1], row[2], row[3], bool(row[4]), bool(row[5]), row[6], _terms(row[7]), _details(row[8]), row[9], row[10], row[11]
    )
