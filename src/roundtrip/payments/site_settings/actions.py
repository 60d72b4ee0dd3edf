"""What owners change about being paid. Each change is guarded by the revision that was read, and written down without secrets (OPS-02)."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import msgspec
from cryptography.exceptions import InvalidTag

from roundtrip.core.domain_event import DomainEvent
from roundtrip.core.errors import AppError, Kind, invalid_field
from roundtrip.core.secrets import seal, unseal
from roundtrip.payments import providers
from roundtrip.payments.providers.base import Till
from roundtrip.payments.site_settings import store
from roundtrip.payments.site_settings.model import LONGEST_INSTRUCTIONS, PaymentSettings, StripeKeys, is_test_key
from roundtrip.sites.change import Change, changed_meanwhile
from roundtrip.sites.model import Site
from roundtrip.storage import audit
from roundtrip.storage.database import Tx

_SECRET_KEY = re.compile(r"[sr]k_(test|live)_[A-Za-z0-9]{8,240}")
_WEBHOOK_SECRET = re.compile(r"whsec_[A-Za-z0-9+/=_-]{8,240}")


def of_site(tx: Tx, site_id: str) -> PaymentSettings:
    """How a site is paid."""
    return store.of_site(tx, site_id)


def set_offline(tx: Tx, site: Site, *, on: bool, instructions: str, change: Change) -> PaymentSettings:
    """Let visitors pay later, or not; `instructions` tell them how. Raises INVALID, CONFLICT `REVISION_CHANGED`."""
    text = instructions.strip()
    if len(text) > LONGEST_INSTRUCTIONS:
        raise invalid_field(
            "instructions", f"must have at most {LONGEST_INSTRUCTIONS} characters", "MAX_LENGTH", threshold=LONGEST_INSTRUCTIONS
        )
    if on and not text:
        raise invalid_field("instructions", "must say how visitors pay, such as the account for a transfer", "REQUIRED_FIELD")
    current = store.of_site(tx, site.id)
    return _keep(tx, site, current, replace(current, offline=on, offline_instructions=text), change)


def set_stripe(tx: Tx, site: Site, keys: StripeKeys, *, sealed: str, change: Change) -> PaymentSettings:
    """Use a Stripe account. `sealed` comes from `seal_keys`, made before the transaction, because it takes random bytes.

    Raises INVALID for a key that is none, or that does not fit the site's mode; CONFLICT `REVISION_CHANGED`.
    """
    check_keys(keys, site)
    begin = "_".join(keys.secret_key.split("_")[:2])
    current = store.of_site(tx, site.id)
    return _keep(tx, site, current, replace(current, stripe_sealed=sealed, stripe_hint=f"{begin}_...{keys.secret_key[-4:]}"), change)


def remove_stripe(tx: Tx, site: Site, *, change: Change) -> PaymentSettings:
    """Forget the site's Stripe keys. Payments that are on their way are not heard of any more."""
    current = store.of_site(tx, site.id)
    return _keep(tx, site, current, replace(current, stripe_sealed=None, stripe_hint=None), change)


def check_keys(keys: StripeKeys, site: Site) -> None:
    """Raises INVALID. Never repeats what was received: it may be a secret in the wrong place."""
    if _SECRET_KEY.fullmatch(keys.secret_key) is None:
        raise invalid_field("secretKey", "must be a secret or restricted key of Stripe, such as sk_live_... or rk_live_...", "FORMAT")
    if _WEBHOOK_SECRET.fullmatch(keys.webhook_secret) is None:
        raise invalid_field("webhookSecret", "must be the signing secret of the webhook endpoint, such as whsec_...", "FORMAT")
    if is_test_key(keys.secret_key) is not site.is_test:
        wanted = "a test key (sk_test_...): a test site moves no money" if site.is_test else "a live key (sk_live_...)"
        raise invalid_field("secretKey", f"must be {wanted}", "FORMAT")


def seal_keys(sealing_key: bytes, keys: StripeKeys) -> str:
    """The keys as they are stored. `sealing_key` comes from `core.secrets.derived_key(master, KEY_PURPOSE)`."""
    return seal(sealing_key.hex(), msgspec.json.encode(keys)).decode()


def till(settings: PaymentSettings, provider: str, *, sealing_key: bytes, base_url: str, service_url: str = "") -> Till:
    """What a provider works with for one site. Raises INVALID `PROVIDER_NOT_SET_UP` without keys, `MASTER_SECRET_MISMATCH`."""
    if provider != providers.STRIPE:
        return Till(settings.site_id, base_url)
    if settings.stripe_sealed is None:
        text = "The site has no Stripe keys. Set them with `roundtrip payments stripe`."
        raise AppError(Kind.INVALID, "PROVIDER_NOT_SET_UP", text, data={"provider": provider})
    try:
        opened = unseal(sealing_key.hex(), settings.stripe_sealed.encode())
    except InvalidTag as error:
        text = "The site's Stripe keys were sealed with another master secret. Set ROUNDTRIP_SECRET to that one, or set the keys again."
        raise AppError(Kind.INVALID, "MASTER_SECRET_MISMATCH", text) from error
    keys = msgspec.json.decode(opened, type=StripeKeys)
    return Till(settings.site_id, base_url, keys.secret_key, keys.webhook_secret, service_url)


def _keep(tx: Tx, site: Site, current: PaymentSettings, wanted: PaymentSettings, change: Change) -> PaymentSettings:
    before, after = audit.changed(_picture(current), _picture(wanted))
    if not store.replace(tx, wanted, current.revision, change.now):
        raise changed_meanwhile("way to be paid", current.revision)
    if after or wanted.stripe_sealed != current.stripe_sealed:
        change.note(tx, site_id=site.id, action="payments.updated", object_id=site.id, object_name=site.name, before=before, after=after)
        changed = sorted(after) or ["stripe"]
        change.tell(tx, DomainEvent(site.id, "payment_settings", "updated", site.id, {"id": site.id, "changed": changed}))
    return replace(wanted, revision=current.revision + 1)


def _picture(settings: PaymentSettings) -> Mapping[str, Any]:
    return {"offline": settings.offline, "offlineInstructions": settings.offline_instructions, "stripe": settings.stripe_hint}
