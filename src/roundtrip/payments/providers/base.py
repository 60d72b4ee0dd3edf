"""What a payment provider has to do, when it is asked, and what it must not do.

Everything here may wait for a network and is called by `web/`, `api/` and `worker/` only, never inside a transaction.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Protocol

from roundtrip.payments.model import Attempt, Refund, Report


class ProviderUnreachable(Exception):
    """Nothing is known; the same call may be made again and does the same thing once."""


class ProviderRefused(Exception):
    """The provider will not do it, and asking again does not help. The text is for the owner and holds no secret."""


class ReportRefused(Exception):
    """A report that did not come from the provider, or can't be read. The text says why."""


@dataclass(frozen=True, slots=True)
class Till:
    """What a provider works with for one site: the address that our pages have for its visitors, and the site's own keys there."""

    site_id: str
    base_url: str = ""
    secret_key: str = field(default="", repr=False)
    webhook_secret: str = field(default="", repr=False)
    service_url: str = ""


@dataclass(frozen=True, slots=True)
class Page:
    """Where a visitor pays. `url` None: on our own page. `ref` is the provider's name of it."""

    url: str | None = None
    ref: str | None = None


@dataclass(frozen=True, slots=True)
class Returned:
    """Money that was sent back, by the provider's own name."""

    ref: str


class Provider(Protocol):
    """A way to be paid, for one site."""

    def start(self, attempt: Attempt, back_url: str) -> Page:
        """Make the page on which this attempt is paid, or find the one that was made.

        Called when the visitor is on the way, possibly twice for the same attempt (a crash, two tabs): the attempt's id is what makes
        both calls one. The visitor comes back to `back_url` however it went. `attempt.purpose` says whether a card is to be kept for what
        is paid later, with the payment or instead of one; the report then names it (`Report.card_ref`). Raises `ProviderUnreachable`,
        `ProviderRefused`.
        """
        ...

    def look(self, attempt: Attempt, now: int) -> Report | None:
        """What the provider knows of an attempt, without having been told; None: nothing new.

        Called when the visitor comes back, and by the worker for an attempt of which nothing was heard. Raises like `start`.
        """
        ...

    def charge(self, attempt: Attempt, now: int) -> Report:
        """Pay an attempt with the card that is kept (`attempt.card_ref`), while its buyer is not there.

        Called by the worker, again after a crash or when nobody could be asked: the attempt's id makes all calls one. A card that is
        refused, or wants its owner to be there, is reported as declined. Raises `ProviderUnreachable`, `ProviderRefused`.
        """
        ...

    def cancel(self, attempt: Attempt, now: int) -> Report | None:
        """Make sure that this attempt can't be paid any more; called after it was given up here.

        The answer is what the provider says when it is too late for that. Raises like `start`.
        """
        ...

    def refund(self, attempt: Attempt, refund: Refund) -> Returned:
        """Send money back. The refund's id makes repeated calls one. Raises like `start`; what is refused is told to the owner."""
        ...

    def read_report(self, body: bytes, headers: Mapping[str, str], now: int) -> Report | None:
        """What an HTTP request from the provider says; None: genuine, and of no interest.

        Called with the untouched body and lower-case header names, before anything is believed. Raises `ReportRefused`.
        """
        ...
