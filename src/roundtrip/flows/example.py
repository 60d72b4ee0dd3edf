"""What the example of a flow is made of. Each flow's folder has one in `example.py`; tests walk it and the documentation shows it.

The site of every example is the same: `https://shop.example`, a client that lists the two addresses below.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from roundtrip.flows.base import Form
from roundtrip.redirect_session.model import Callbacks
from roundtrip.sites.model import Site
from roundtrip.storage.database import Tx

REDIRECT_URI = "https://shop.example/callback"
REDIRECT_DOMAIN = "shop.example"
HOME = "https://shop.example/"


@dataclass(frozen=True, slots=True)
class FilledIn:
    """One page and what the visitor types there. `page` is the name of a step, or of one of its alternatives."""

    page: str
    form: Form


def nothing_to_prepare(tx: Tx, site: Site, now: int) -> None:
    """For flows that need nothing but the site."""


@dataclass(frozen=True, slots=True)
class Example:
    """One complete happy path: what a site asks for, what the visitor does, what comes back.

    `message` makes the intent's message on the wire for a client id. `returns_with` names every parameter of the way back.
    `prepare` makes what the visit is about (a product, a service) in an empty site.
    """

    message: Callable[[str], Mapping[str, object]]
    callbacks: Callbacks
    filled_in: tuple[FilledIn, ...]
    returns_to: str
    returns_with: frozenset[str]
    logged_in_before: bool = False
    logged_in_after: bool = False
    prepare: Callable[[Tx, Site, int], None] = nothing_to_prepare
    is_paid: bool = False
    """The last page leads to a payment page, so that the form alone does not end the visit."""
    another: Callable[[Tx, Site, int], Mapping[str, object]] | None = None
    """Makes what one more visit is about, and its message, for flows whose subject can be had once (a checkout)."""
