"""What a page shall do next, as a value: the runner's answers (`runner.py`), which `web/visits.py` turns into HTTP."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from roundtrip.flows.base import Leaving, Post, Redirect, Step
from roundtrip.flows.visit import Visit
from roundtrip.sites.model import Client, Site

RETURN = "return"
"""The segment of a visit's address that leaves for the site; no step may have this name, nor `leave`, `again`, `outside` or `resume`."""


class End(StrEnum):
    """Why there is no step to show."""

    NOT_FOUND = "not_found"
    ALREADY_USED = "already_used"
    EXPIRED = "expired"
    OVER = "session_over"


@dataclass(frozen=True, slots=True)
class Changes:
    """What the edge has to do after the commit: set or clear the login cookie, and stop honouring tokens at once."""

    login_started: bool = False
    login_ended: bool = False
    revoked: tuple[str, ...] = ()


NOTHING = Changes()


@dataclass(frozen=True, slots=True)
class Ended:
    """There is nothing to do here. `visit` is there only for somebody who may know about it: the holder of the link or of the cookie."""

    end: End
    visit: Visit | None = None


@dataclass(frozen=True, slots=True)
class GoTo:
    """Another address of the same visit. `opened`: this browser has just been bound and needs the session's cookie."""

    visit: Visit
    segment: str
    opened: bool = False
    changes: Changes = NOTHING


class Notice(StrEnum):
    """Something to know before acting on a step's page."""

    NOT_LOGGED_IN = "not_logged_in"
    """Back from the site's own login page, without having been logged in there."""
    LOGIN_ADDRESS_REFUSED = "login_address_refused"
    """The site's own login page is not on its client's list, so that nobody is sent there."""


@dataclass(frozen=True, slots=True)
class Show:
    """Show one step. `number` and `of` count the steps that this visitor takes; `number` 0: this one does not count."""

    visit: Visit
    step: Step[Any]
    view: Mapping[str, object]
    number: int
    of: int
    alternatives: tuple[str, ...]
    notice: Notice | None = None
    own_login_page: bool = False
    """True when the site has a login page of its own that this visitor may go to instead."""


@dataclass(frozen=True, slots=True)
class Leave:
    """The visit is over and marked returned; `leaving` says how to get back."""

    visit: Visit
    leaving: Leaving
    changes: Changes = NOTHING


@dataclass(frozen=True, slots=True)
class Hold:
    """Not back yet: the site's own server is being told. Moves nothing; asking again goes on."""

    visit: Visit


@dataclass(frozen=True, slots=True)
class Elsewhere:
    """To a page of the site's own that belongs to this visit (its login page). Not a move: the visit stays as it is, and goes on here."""

    visit: Visit
    leaving: Redirect


@dataclass(frozen=True, slots=True)
class Pay:
    """To the payment page at this path of our own host. Not a move either."""

    visit: Visit
    path: str
    changes: Changes = NOTHING


@dataclass(frozen=True, slots=True)
class SentBack:
    """A request that never became a visit, refused at the caller's own address."""

    leaving: Redirect | Post
    client: Client
    site: Site


Next = Ended | GoTo | Show | Hold | Elsewhere | Pay | Leave | SentBack
