"""What can be done with coupons: owners make and change them, buyers use them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import msgspec

from roundtrip.core.errors import AppError, Kind
from roundtrip.ecom.coupons import store
from roundtrip.ecom.coupons.model import Coupon, CouponKind, Problem
from roundtrip.sites.change import changed_meanwhile
from roundtrip.sites.moment import Moment
from roundtrip.storage import audit
from roundtrip.storage.database import Tx

_WORDS = {
    Problem.UNKNOWN: "There is no coupon with this code.",
    Problem.EXPIRED: "This coupon has expired.",
    Problem.NOT_YET: "This coupon is not valid yet.",
    Problem.DISABLED: "This coupon is switched off.",
    Problem.USED_UP: "This coupon was used as often as it may be.",
    Problem.USED_BY_CUSTOMER: "This customer has used this coupon as often as it may be.",
    Problem.TOO_LITTLE: "This coupon needs a larger purchase.",
    Problem.OTHER_GOODS: "This coupon is for other goods.",
}


def refusal(problem: Problem, code: str) -> AppError:
    """The refusal of a code that takes nothing off."""
    kind = Kind.NOT_FOUND if problem is Problem.UNKNOWN else Kind.CONFLICT
    return AppError(kind, problem.value, f"{_WORDS[problem]} (received {code[:40]!r})", data={"couponCode": code[:40]})


def usable(
    tx: Tx, site_id: str, code: str, customer: str | None, now: int, *, own_id: str | None = None, own_customer: str = ""
) -> Coupon | Problem:
    """The coupon with this code, or why it cannot be used now. `customer` is their address in lower case, None while it is not known.

    One use of the coupon `own_id` is the asker's own and does not stand in their way. It is counted for the address `own_customer`; what
    any other address has used stands in its way as ever.
    """
    coupon = store.by_code(tx, site_id, code)
    if coupon is None:
        return Problem.UNKNOWN
    own = 1 if coupon.id == own_id else 0
    problem = replace(coupon, used=coupon.used - own).closed_because(now)
    if problem is not None:
        return problem
    limit = coupon.limit_per_customer
    own_of_customer = own if customer == own_customer else 0
    if limit is not None and customer and store.used_by(tx, coupon.id, customer) - own_of_customer >= limit:
        return Problem.USED_BY_CUSTOMER
    return coupon


def use(tx: Tx, coupon: Coupon, customer: str, now: int) -> None:
    """Count one use, of this customer too, so that a limit that is set later knows of it.

    Raises CONFLICT when somebody else had the last one. To be taken back with `give_back` if nothing is paid.
    """
    if not store.use(tx, coupon.id, now):
        seen = store.get(tx, coupon.site_id, coupon.id)
        problem = Problem.UNKNOWN if seen is None else seen.closed_because(now) or Problem.USED_UP
        raise refusal(problem, coupon.code)
    if customer and not store.use_by(tx, coupon.id, customer, coupon.limit_per_customer):
        raise refusal(Problem.USED_BY_CUSTOMER, coupon.code)


def create(tx: Tx, coupon: Coupon, moment: Moment) -> Coupon:
    """Keep a new coupon. Raises CONFLICT `COUPON_CODE_TAKEN`."""
    if not store.insert(tx, coupon):
        raise _taken(coupon)
    _note(tx, coupon, "created", moment, None, picture(coupon))
    return coupon


def update(tx: Tx, coupon: Coupon, changed: Coupon, moment: Moment) -> Coupon:
    """Keep what an owner says now. The kind stays what it is. Raises CONFLICT when the code is taken or somebody else was quicker."""
    if changed.terms.kind is not coupon.terms.kind:
        raise AppError(
            Kind.CONFLICT,
            "COUPON_KIND_FIXED",
            f"A coupon of the kind {coupon.terms.kind.value} stays one; make another coupon for {changed.terms.kind.value}.",
        )
    if not store.replace_coupon(tx, changed, coupon.revision, moment.now):
        other = store.by_code(tx, coupon.site_id, changed.code)
        if other is not None and other.id != coupon.id:
            raise _taken(changed)
        raise changed_meanwhile("coupon", coupon.revision)
    kept = replace(changed, revision=coupon.revision + 1, updated_at=moment.now)
    _note(tx, kept, "updated", moment, *audit.changed(picture(coupon), picture(kept)))
    return kept


def delete(tx: Tx, site_id: str, coupon_id: str, moment: Moment) -> None:
    """Delete a coupon. Orders keep what it took off. Raises NOT_FOUND for who comes second."""
    coupon = require(tx, site_id, coupon_id)
    if not store.delete(tx, site_id, coupon_id):
        raise no_such_coupon(coupon_id)
    _note(tx, coupon, "deleted", moment, picture(coupon), None)


def require(tx: Tx, site_id: str, coupon_id: str) -> Coupon:
    """The coupon of this site; raises NOT_FOUND `COUPON_NOT_FOUND`."""
    coupon = store.get(tx, site_id, coupon_id)
    if coupon is None:
        raise no_such_coupon(coupon_id)
    return coupon


def no_such_coupon(coupon_id: str) -> AppError:
    """There is none with this id at this site."""
    return AppError(Kind.NOT_FOUND, "COUPON_NOT_FOUND", f"There is no coupon {coupon_id[:40]!r}.", data={"couponId": coupon_id[:40]})


def _taken(coupon: Coupon) -> AppError:
    return AppError(
        Kind.CONFLICT, "COUPON_CODE_TAKEN", f"There is a coupon with the code {coupon.code!r} already; codes are compared without case."
    )


def picture(coupon: Coupon) -> dict[str, Any]:
    """Every field that can be set, with plain values. Times are UTC milliseconds."""
    return {
        **msgspec.to_builtins(coupon.terms),
        "is_active": coupon.is_active,
        "starts_at": coupon.starts_at,
        "ends_at": coupon.ends_at,
        "usage_limit": coupon.usage_limit,
        "limit_per_customer": coupon.limit_per_customer,
    }


def _note(tx: Tx, coupon: Coupon, slug: str, moment: Moment, before: Mapping[str, Any] | None, after: Mapping[str, Any] | None) -> None:
    """The audit entry and the domain event of a change."""
    moment.note(tx, coupon.site_id, f"coupon.{slug}", coupon.id, coupon.code, before, after)
    value = None if coupon.terms.kind is CouponKind.FREE_SHIPPING else coupon.terms.value
    body = {"id": coupon.id, "code": coupon.code, "name": coupon.terms.name, "kind": coupon.terms.kind.value, "value": value}
    moment.tell(tx, coupon.site_id, "coupon", slug, coupon.id, body)
