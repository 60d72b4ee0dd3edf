"""Pay later: cash at the desk, a bank transfer, an invoice. The site's own words tell how; the owner reports the money."""

from __future__ import annotations

from collections.abc import Mapping

from roundtrip.payments.model import Attempt, Refund, Report
from roundtrip.payments.providers.base import Page, ProviderRefused, ReportRefused, Returned, Till


class Offline:
    """There is nobody to ask: every answer is known already."""

    def start(self, attempt: Attempt, back_url: str) -> Page:
        """The visitor stays on our pages."""
        return Page()

    def look(self, attempt: Attempt, now: int) -> Report | None:
        """Only the owner knows (`settle.mark_paid`)."""
        return None

    def charge(self, attempt: Attempt, now: int) -> Report:
        """Nothing is kept here."""
        raise ProviderRefused("What is paid later has no card that could be charged again.")

    def cancel(self, attempt: Attempt, now: int) -> Report | None:
        """Nothing was asked of anybody."""
        return None

    def refund(self, attempt: Attempt, refund: Refund) -> Returned:
        """A person has to do it, and says so by `refunds.moved`; the worker never asks."""
        raise ProviderRefused("Money that was paid offline is given back by hand.")

    def read_report(self, body: bytes, headers: Mapping[str, str], now: int) -> Report | None:
        """Nobody sends reports about cash."""
        raise ReportRefused("There are no reports about payments that are made offline.")


def connect(till: Till) -> Offline:
    """The same for every site."""
    return Offline()
