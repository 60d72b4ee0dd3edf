"""SQL of coupons, and nothing else."""

from __future__ import annotations

import msgspec

from roundtrip.ecom.coupons.model import Coupon, Terms, code_key
from roundtrip.storage.database import Row, Tx

_COUPON = "id, site_id, terms, is_active, starts_at, ends_at, usage_limit, limit_per_customer, used, revision, created_at, updated_at"
_NO_LIMIT = 2**62
_terms = msgspec.json.Decoder(Terms).decode


def by_code(tx: Tx, site_id: str, code: str) -> Coupon | None:
    """The coupon with this code, in whatever case it was typed."""
    row = tx.one(f"SELECT {_COUPON} FROM coupon WHERE site_id = :site_id AND code_key = :key", site_id=site_id, key=code_key(code))
    return _coupon(row) if row else None


def get(tx: Tx, site_id: str, coupon_id: str) -> Coupon | None:
    """A coupon of this site by its id."""
    row = tx.one(f"SELECT {_COUPON} FROM coupon WHERE id = :id AND site_id = :site_id", id=coupon_id, site_id=site_id)
    return _coupon(row) if row else None


def page(tx: Tx, site_id: str, limit: int, offset: int) -> list[Coupon]:
    """Coupons of a site, newest first."""
    rows = tx.all(
        f"SELECT {_COUPON} FROM coupon WHERE site_id = :site_id ORDER BY id DESC LIMIT :limit OFFSET :offset",
        site_id=site_id,
        limit=limit,
        offset=offset,
    )
    return [_coupon(row) for row in rows]


def count(tx: Tx, site_id: str, most: int) -> int:
    """How many coupons a site has, counted up to `most`."""
    row = tx.one("SELECT COUNT(*) FROM (SELECT 1 FROM coupon WHERE site_id = :site_id LIMIT :most) AS counted", site_id=site_id, most=most)
    assert row is not None
    return int(row[0])


def insert(tx: Tx, coupon: Coupon) -> bool:
    """False when the site has this code already."""
    return (
        tx.execute(
            f"INSERT INTO coupon ({_COUPON}, code_key) VALUES (:id, :site_id, :terms, :is_active, :starts_at, :ends_at, :usage_limit,"
            " :limit_per_customer, 0, 1, :now, :now, :key) ON CONFLICT (site_id, code_key) DO NOTHING",
            id=coupon.id,
            site_id=coupon.site_id,
            terms=msgspec.json.encode(coupon.terms).decode(),
            is_active=coupon.is_active,
            starts_at=coupon.starts_at,
            ends_at=coupon.ends_at,
            usage_limit=coupon.usage_limit,
            limit_per_customer=coupon.limit_per_customer,
            now=coupon.created_at,
            key=code_key(coupon.code),
        )
        == 1
    )


def replace_coupon(tx: Tx, coupon: Coupon, revision: int, now: int) -> bool:
    """Keep what an owner says now, if the coupon still has this revision and nobody else its code. Uses are left as they are counted."""
    return (
        tx.execute(
            "UPDATE coupon SET code_key = :key, terms = :terms, is_active = :is_active, starts_at = :starts_at, ends_at = :ends_at,"
            " usage_limit = :usage_limit, limit_per_customer = :limit_per_customer, revision = revision + 1, updated_at = :now"
            " WHERE id = :id AND revision = :revision AND NOT EXISTS"
            " (SELECT 1 FROM coupon other WHERE other.site_id = :site_id AND other.code_key = :key AND other.id <> :id)",
            id=coupon.id,
            site_id=coupon.site_id,
            revision=revision,
            terms=msgspec.json.encode(coupon.terms).decode(),
            is_active=coupon.is_active,
            starts_at=coupon.starts_at,
            ends_at=coupon.ends_at,
            usage_limit=coupon.usage_limit,
            limit_per_customer=coupon.limit_per_customer,
            now=now,
            key=code_key(coupon.code),
        )
        == 1
    )


def delete(tx: Tx, site_id: str, coupon_id: str) -> bool:
    """True for exactly one caller."""
    return tx.execute("DELETE FROM coupon WHERE id = :id AND site_id = :site_id", id=coupon_id, site_id=site_id) == 1


def use(tx: Tx, coupon_id: str, now: int) -> bool:
    """Count one use, if it is open and not used up: of many who use the last one exactly one succeeds."""
    return (
        tx.execute(
            "UPDATE coupon SET used = used + 1 WHERE id = :id AND is_active AND starts_at <= :now"
            " AND (ends_at IS NULL OR ends_at > :now) AND (usage_limit IS NULL OR used < usage_limit)",
            id=coupon_id,
            now=now,
        )
        == 1
    )


def use_again(tx: Tx, coupon_id: str, customer: str) -> None:
    """Count a use that was agreed on before, whatever became of the coupon."""
    if tx.execute("UPDATE coupon SET used = used + 1 WHERE id = :id", id=coupon_id) and customer:
        use_by(tx, coupon_id, customer, None)


def use_by(tx: Tx, coupon_id: str, customer: str, limit: int | None) -> bool:
    """Count one use of a customer who may use it `limit` times; False when that is over. None: as often as they like, so far."""
    return (
        tx.execute(
            "INSERT INTO coupon_customer (coupon_id, customer, used) VALUES (:id, :customer, 1)"
            " ON CONFLICT (coupon_id, customer) DO UPDATE SET used = coupon_customer.used + 1 WHERE coupon_customer.used < :limit",
            id=coupon_id,
            customer=customer,
            limit=_NO_LIMIT if limit is None else limit,
        )
        == 1
    )


def used_by(tx: Tx, coupon_id: str, customer: str) -> int:
    """How often this customer has used it."""
    row = tx.one("SELECT used FROM coupon_customer WHERE coupon_id = :id AND customer = :customer", id=coupon_id, customer=customer)
    return int(row[0]) if row else 0


def give_back(tx: Tx, coupon_id: str, customer: str) -> None:
    """Take back one use, of the customer for whom it was counted: what was bought with it was not paid."""
    tx.execute("UPDATE coupon SET used = used - 1 WHERE id = :id AND used > 0", id=coupon_id)
    tx.execute(
        "UPDATE coupon_customer SET used = used - 1 WHERE coupon_id = :id AND customer = :customer AND used > 0",
        id=coupon_id,
        customer=customer,
    )


def uses_of(tx: Tx, site_id: str, customer: str) -> list[tuple[Coupon, int]]:
    """The coupons of a site that this customer used and that count it, and how often."""
    rows = tx.all(
        "SELECT coupon_id, used FROM coupon_customer WHERE customer = :customer ORDER BY coupon_id LIMIT 10000", customer=customer
    )
    return [(coupon, int(used)) for coupon_id, used in rows if (coupon := get(tx, site_id, coupon_id)) is not None]


def forget_customer(tx: Tx, site_id: str, customer: str) -> int:
    """Forget who used the coupons of a site; how often they were used altogether stays. Answers how many rows."""
    return tx.execute(
        "DELETE FROM coupon_customer WHERE customer = :customer"
        " AND EXISTS (SELECT 1 FROM coupon c WHERE c.id = coupon_customer.coupon_id AND c.site_id = :site_id)",
        customer=customer,
        site_id=site_id,
    )


def forget_use(tx: Tx, coupon_id: str, customer: str) -> None:
    """Forget that this customer used this coupon."""
    tx.execute("DELETE FROM coupon_customer WHERE coupon_id = :id AND customer = :customer", id=coupon_id, customer=customer)


def _coupon(row: Row) -> Coupon:
    return Coupon(row[0], row[1], _terms(row[2]), bool(row[3]), *row[4:])
