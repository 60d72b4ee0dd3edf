"""SQL of services, and nothing else."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

import msgspec

from roundtrip.bookings.parts import store as parts
from roundtrip.bookings.parts.model import Part, PartKind
from roundtrip.bookings.services.model import Service, ServiceKind, ServiceTerms
from roundtrip.query.fields import Field, Fields, Kind
from roundtrip.query.listed import listed
from roundtrip.query.model import Page, Query
from roundtrip.query.store import Source, run
from roundtrip.storage.database import Row, Tx, Value

_SERVICE = (
    "service.site_id, service.id, service.kind, service.slug, service.name, service.hidden, service.position, service.schedule_id,"
    " service.terms, service.revision, service.created_at, service.updated_at"
)
_encode = msgspec.json.Encoder().encode
_terms = msgspec.json.Decoder(ServiceTerms).decode


def _parts(kind: PartKind) -> Field:
    members = f"FROM service_part AS member WHERE member.site_id = :site_id AND member.kind = '{kind.value}'"
    return Field(Kind.LIST, "member.part_id", members=members, owner="service.id", member="member.service_id")


_SLUG = Field(Kind.TEXT, "service.slug", sortable=True)
SERVICES: Final = Fields(
    {
        "id": Field(Kind.ID, "service.id"),
        "name": Field(Kind.TEXT, "service.name", folded="service.name_key", sortable=True),
        "type": Field(Kind.TEXT, "service.kind"),
        "hidden": Field(Kind.BOOLEAN, "service.hidden"),
        "mainSlug.name": _SLUG,
        "supportedSlugs.name": _SLUG,
        "category.id": Field(Kind.ID, "service.category_id"),
        "staffMemberIds": _parts(PartKind.STAFF),
        "locations.business.id": _parts(PartKind.LOCATION),
        "sortOrder": Field(Kind.INTEGER, "service.position", sortable=True),
        "createdDate": Field(Kind.TIME, "service.created_at", sortable=True),
    },
    key="service.id",
    default_sort=("sortOrder", "createdDate"),
)
"""What services can be asked for, in the words of the wire."""


def service(tx: Tx, site_id: str, service_id: str) -> Service | None:
    """A service of this site with its parts, hidden ones too."""
    rows = tx.all(f"SELECT {_SERVICE} FROM service WHERE site_id = :site_id AND id = :id", site_id=site_id, id=service_id)
    return next(iter(_whole(tx, site_id, rows)), None)


def service_by_slug(tx: Tx, site_id: str, slug: str) -> Service | None:
    """A service by the last part of its page's address, hidden ones too."""
    rows = tx.all(f"SELECT {_SERVICE} FROM service WHERE site_id = :site_id AND slug = :slug", site_id=site_id, slug=slug)
    return next(iter(_whole(tx, site_id, rows)), None)


def services(tx: Tx, site_id: str, service_ids: Sequence[str]) -> list[Service]:
    """Those of these services that exist, in the owner's order, hidden ones too."""
    if not service_ids:
        return []
    names, params = listed("id", sorted(set(service_ids)))
    rows = tx.all(
        f"SELECT {_SERVICE} FROM service WHERE site_id = :site_id AND id IN ({names}) ORDER BY position, created_at, id",
        site_id=site_id,
        **params,
    )
    return _whole(tx, site_id, rows)


def visible(tx: Tx, site_id: str, limit: int) -> list[Service]:
    """The first services that visitors may see, in the owner's order."""
    rows = tx.all(
        f"SELECT {_SERVICE} FROM service WHERE site_id = :site_id AND hidden = :hidden ORDER BY position, created_at, id LIMIT :limit",
        site_id=site_id,
        hidden=False,
        limit=limit,
    )
    return _whole(tx, site_id, rows)


def query_services(tx: Tx, site_id: str, query: Query, *, hidden_too: bool) -> tuple[Page, list[Service]]:
    """A page of the services of a site. Two reads, however many services there are; one more to count them."""
    where = "service.site_id = :site_id" if hidden_too else "service.site_id = :site_id AND service.hidden = :is_hidden"
    params: dict[str, Value] = {"site_id": site_id} if hidden_too else {"site_id": site_id, "is_hidden": False}
    page = run(tx, Source(_SERVICE, "service", where, params), query)
    return page, _whole(tx, site_id, page.rows)


def insert(tx: Tx, made: Service) -> bool:
    """Keep a new service with its parts, which this transaction holds. False when the slug or the id is taken."""
    inserted = tx.execute(
        "INSERT INTO service (site_id, id, kind, slug, name, name_key, hidden, position, schedule_id, category_id, terms, revision,"
        " created_at, updated_at) VALUES (:site_id, :id, :kind, :slug, :name, :name_key, :hidden, :position, :schedule_id, :category_id,"
        " :terms, 1, :created_at, :updated_at) ON CONFLICT DO NOTHING",
        **_values(made),
        kind=made.kind.value,
        schedule_id=made.schedule_id,
        created_at=made.created_at,
    )
    if inserted:
        _link(tx, made)
    return inserted == 1


def replace_service(tx: Tx, wanted: Service, revision: int) -> bool:
    """Keep a service as it is now, if it still has this revision. The slug must be free, and the parts held."""
    changed = tx.execute(
        "UPDATE service SET slug = :slug, name = :name, name_key = :name_key, hidden = :hidden, position = :position,"
        " category_id = :category_id, terms = :terms, updated_at = :updated_at, revision = revision + 1"
        " WHERE site_id = :site_id AND id = :id AND revision = :revision",
        **_values(wanted),
        revision=revision,
    )
    if changed:
        tx.execute("DELETE FROM service_part WHERE site_id = :site_id AND service_id = :id", site_id=wanted.site_id, id=wanted.id)
        _link(tx, wanted)
    return changed == 1


def delete(tx: Tx, site_id: str, service_id: str) -> bool:
    """Delete a service with its sessions, not what was booked. True for exactly one caller."""
    return tx.execute("DELETE FROM service WHERE site_id = :site_id AND id = :id", site_id=site_id, id=service_id) == 1


def hold(tx: Tx, site_id: str, service_id: str) -> bool:
    """Keep a service from being changed or deleted until this transaction ends. False when it is gone."""
    sql = "UPDATE service SET revision = revision WHERE site_id = :site_id AND id = :id"
    return tx.execute(sql, site_id=site_id, id=service_id) == 1


def _link(tx: Tx, one: Service) -> None:
    for place, part in enumerate(one.parts):
        tx.execute(
            "INSERT INTO service_part (site_id, service_id, kind, part_id, place) VALUES (:site_id, :service_id, :kind, :part_id, :place)",
            site_id=one.site_id,
            service_id=one.id,
            kind=part.kind.value,
            part_id=part.id,
            place=place,
        )


def _values(one: Service) -> dict[str, Value]:
    return {
        "site_id": one.site_id,
        "id": one.id,
        "slug": one.slug,
        "name": one.name,
        "name_key": one.name.casefold(),
        "hidden": one.hidden,
        "position": one.position,
        "category_id": one.category.id if one.category else "",
        "terms": _encode(one.terms).decode(),
        "updated_at": one.updated_at,
    }


def _whole(tx: Tx, site_id: str, rows: Sequence[Row]) -> list[Service]:
    found = parts.of_services(tx, site_id, [row[1] for row in rows])
    return [_service(row, found.get(row[1], [])) for row in rows]


def _service(row: Row, its_parts: Sequence[Part[Any]]) -> Service:
    kind, terms = ServiceKind(row[2]), _terms(row[8])
    return Service(row[0], row[1], kind, row[3], row[4], bool(row[5]), row[6], row[7], terms, tuple(its_parts), row[9], row[10], row[11])
