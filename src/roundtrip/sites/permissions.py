"""What API keys, and clients by their secret, can be allowed to do. Operations name these words; a test compares."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from roundtrip.core.errors import invalid_field
from roundtrip.core.right import Right
from roundtrip.core.rooms import said_in

EVERYTHING = "*"

_RIGHTS: tuple[Right, ...] = tuple(right for module in said_in("rights") for right in module.RIGHTS)

PERMISSIONS: Mapping[str, str] = {
    "redirect_session.create": "Create redirect sessions for named visitors and members, and those for logging in and out",
    "redirect_session.read": "See redirect sessions and how they went",
    "redirect_session.expire": "End redirect sessions before their time",
    "client.read": "See what clients allow, and ask whether an address would pass",
    "refusal.read": "See addresses that were refused",
    "refusal.approve": "Allow an address that was refused",
    "member.manage": "Approve, block and change members",
    "member.login": "Log a member in that the site knows already",
    "personal_data.manage": "Hand out and erase everything that is kept about a person",
    "mailbox.read": "Read the caught mail of a test site",
    "oauth_app.manage": "Create, change and delete clients and their secrets",
    "media.manage": "Add, see and delete pictures",
    "oauth.introspect": "Ask what a token of this site is good for, and whose it is",
    "key.manage": "Create and revoke API keys",
    "site.manage": "Change the site's name, language, pages and mode",
} | {right.name: right.meaning for right in _RIGHTS}
"""Name and meaning; what businesses add comes last. `*` stands for all of them, those of later versions too."""

TOPICS: Mapping[str, str] = {
    "redirect_session": "Redirect sessions",
    "client": "Clients",
    "oauth_app": "Clients",
    "oauth": "Tokens",
    "refusal": "Refused addresses",
    "member": "Members",
    "personal_data": "Members",
    "mailbox": "Mailbox",
    "media": "Pictures",
    "key": "API keys",
    "site": "Site",
} | {right.name.partition(".")[0]: right.topic for right in _RIGHTS}
"""What the part before the dot is called on pages; several may be called the same."""


def check_permissions(names: Iterable[str], field: str) -> tuple[str, ...]:
    """The names, each once, in the order of the catalogue. Raises INVALID for none at all and for one that does not exist."""
    given = dict.fromkeys(names)
    unknown = [name for name in given if name != EVERYTHING and name not in PERMISSIONS]
    if unknown:
        raise invalid_field(field, f"names {unknown[0]!r}; there are {EVERYTHING}, {', '.join(PERMISSIONS)}", "INVALID_ENUM_VALUE")
    if not given:
        raise invalid_field(field, "must name at least one permission", "MIN_LENGTH", threshold=1)
    return (EVERYTHING,) if EVERYTHING in given else tuple(name for name in PERMISSIONS if name in given)
