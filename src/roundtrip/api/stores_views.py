"""What both views of the catalogue share: who sees what, money in words, pictures with their addresses."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache
from typing import Any
from urllib.parse import quote

from roundtrip.api.operation import Call
from roundtrip.api.settings_calls import own_site
from roundtrip.core.identity import ApiKey, App
from roundtrip.core.money import Money
from roundtrip.media.medium import Medium
from roundtrip.sites.model import Site
from roundtrip.storage.database import Tx


@dataclass(frozen=True, slots=True)
class Front:
    """What a shop front is shown by: the language of amounts, the origin of pictures, the site's own address (empty if it has none)."""

    language: str
    media_url: str
    home_url: str


def front(tx: Tx, call: Call) -> Front:
    """That of the caller's site."""
    return front_of(own_site(tx, call), call)


def front_of(site: Site, call: Call) -> Front:
    """That of a site which was read already."""
    return Front(site.language, call.services.media_url, (site.home_url or "").rstrip("/"))


def sees_hidden(call: Call) -> bool:
    """Owners' server code sees hidden products and collections too."""
    return isinstance(call.caller, ApiKey | App)


def words(money: Money, language: str) -> str:
    """An amount as people write it."""
    return _words(money.text, money.currency, language)


@lru_cache(maxsize=4096)
def _words(amount: str, currency: str, language: str) -> str:
    return Money(Decimal(amount), currency).words(language)


def picture_url(medium: Medium, shown: Front) -> str:
    """Where a picture is, whole."""
    return f"{shown.media_url}/media/{quote(medium.picture_id, safe='~')}" if medium.picture_id else medium.url


def fitting_url(medium: Medium, shown: Front) -> str:
    """Where it is in the form that old clients read sizes from (`w_` and `h_`)."""
    if not medium.picture_id:
        return medium.url
    extension = medium.picture_id.rpartition(".")[2]
    return f"{picture_url(medium, shown)}/v1/fit/w_{medium.width},h_{medium.height},q_90/file.{extension}"


def plain_amount(money: Money, language: str) -> dict[str, str]:
    """`{amount, formattedAmount}`."""
    return {"amount": money.text, "formattedAmount": words(money, language)}


def number(amount: Decimal) -> int | float:
    """An amount as a JSON number: `15` and `12.5`, as shop fronts show it when they print it."""
    return int(amount) if amount == amount.to_integral_value() else float(amount)


Json = dict[str, Any]
