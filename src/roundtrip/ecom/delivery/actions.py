"""What owners can do with ways of delivery."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import msgspec

from roundtrip.core.errors import AppError, Kind
from roundtrip.ecom.delivery import store
from roundtrip.ecom.delivery.model import MOST, DeliveryOption, Terms
from roundtrip.sites.change import changed_meanwhile
from roundtrip.sites.moment import Moment
from roundtrip.storage import audit
from roundtrip.storage.database import Tx


def create(tx: Tx, site_id: str, terms: Terms, moment: Moment) -> DeliveryOption:
    """Keep a new way. Raises CONFLICT `TOO_MANY` when the site has as many as it can have."""
    option = DeliveryOption(moment.id, site_id, terms, 1, moment.now, moment.now)
    if not store.insert(tx, option):
        raise AppError(Kind.CONFLICT, "TOO_MANY", f"A site has at most {MOST} ways of delivery; delete one that is not used any more.")
    _note(tx, option, "created", moment, None, msgspec.to_builtins(terms))
    return option


def update(tx: Tx, option: DeliveryOption, terms: Terms, moment: Moment) -> DeliveryOption:
    """Keep what an owner says now. Raises CONFLICT `REVISION_CHANGED` when somebody else was quicker."""
    changed = replace(option, terms=terms, revision=option.revision + 1, updated_at=moment.now)
    if not store.replace_terms(tx, changed, option.revision, moment.now):
        raise changed_meanwhile("way of delivery", option.revision)
    _note(tx, changed, "updated", moment, *audit.changed(msgspec.to_builtins(option.terms), msgspec.to_builtins(terms)))
    return changed


def delete(tx: Tx, site_id: str, option_id: str, moment: Moment) -> None:
    """Delete a way. Checkouts that chose it have to choose again. Raises NOT_FOUND for who comes second."""
    option = require(tx, site_id, option_id)
    if not store.delete(tx, site_id, option_id):
        raise no_such_option(option_id)
    _note(tx, option, "deleted", moment, msgspec.to_builtins(option.terms), None)


def require(tx: Tx, site_id: str, option_id: str) -> DeliveryOption:
    """The way of this site; raises NOT_FOUND `SHIPPING_OPTION_NOT_FOUND`."""
    option = store.get(tx, site_id, option_id)
    if option is None:
        raise no_such_option(option_id)
    return option


def no_such_option(option_id: str) -> AppError:
    """There is none with this id at this site."""
    text = f"There is no shipping option {option_id[:40]!r}."
    return AppError(Kind.NOT_FOUND, "SHIPPING_OPTION_NOT_FOUND", text, data={"shippingOptionId": option_id[:40]})


def _note(
    tx: Tx, option: DeliveryOption, slug: str, moment: Moment, before: Mapping[str, Any] | None, after: Mapping[str, Any] | None
) -> None:
    """The audit entry and the domain event of a change."""
    moment.note(tx, option.site_id, f"shipping_option.{slug}", option.id, option.terms.title, before, after)
    moment.tell(tx, option.site_id, "shipping_option", slug, option.id, {"id": option.id, "title": option.terms.title})
