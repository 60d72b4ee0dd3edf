"""Where sites' payment settings are kept: the SQL of this room's settings, and nothing else."""

from __future__ import annotations

from roundtrip.payments.site_settings.model import PaymentSettings
from roundtrip.storage.database import Tx


def of_site(tx: Tx, site_id: str) -> PaymentSettings:
    """The settings of a site; those of a new one when nothing was ever set."""
    row = tx.one(
        "SELECT offline, offline_instructions, stripe_sealed, stripe_hint, revision FROM payment_settings WHERE site_id = :site_id",
        site_id=site_id,
    )
    return PaymentSettings(site_id, bool(row[0]), row[1], row[2], row[3], row[4]) if row else PaymentSettings(site_id)


def replace(tx: Tx, wanted: PaymentSettings, revision: int, now: int) -> bool:
    """Keep settings that were made from those of `revision`; False when somebody else was quicker (OPS-04)."""
    return (
        tx.execute(
            "INSERT INTO payment_settings (site_id, offline, offline_instructions, stripe_sealed, stripe_hint, revision, changed_at) "
            "VALUES (:site_id, :offline, :offline_instructions, :stripe_sealed, :stripe_hint, :revision + 1, :now) "
            "ON CONFLICT (site_id) DO UPDATE SET offline = excluded.offline, offline_instructions = excluded.offline_instructions, "
            "stripe_sealed = excluded.stripe_sealed, stripe_hint = excluded.stripe_hint, revision = excluded.revision, "
            "changed_at = excluded.changed_at WHERE payment_settings.revision = :revision",
            site_id=wanted.site_id,
            offline=wanted.offline,
            offline_instructions=wanted.offline_instructions,
            stripe_sealed=wanted.stripe_sealed,
            stripe_hint=wanted.stripe_hint,
            revision=revision,
            now=now,
        )
        == 1
    )
