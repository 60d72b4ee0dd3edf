"""What somebody has to know before acting on a step's page, in the visitor's language."""

from __future__ import annotations

from collections.abc import Mapping

from roundtrip.flows.next import Notice
from roundtrip.text.catalogue import say
from roundtrip.text.marks import marked

TEXTS: Mapping[Notice, str] = {
    Notice.NOT_LOGGED_IN: marked("You came back without being logged in. You can log in here instead."),
    Notice.LOGIN_ADDRESS_REFUSED: marked(
        "This site has a login page of its own, but its address isn't listed as an allowed redirect domain. You can log in here instead."
    ),
}
FOR_DEVELOPERS = frozenset({Notice.LOGIN_ADDRESS_REFUSED})
"""Shown on test-mode sites only: nothing that a visitor could do anything about."""


def notice_text(lang: str, notice: Notice | None, *, is_test: bool) -> str | None:
    """One notice, or None when there is nothing to say to this visitor."""
    if notice is None or (notice in FOR_DEVELOPERS and not is_test):
        return None
    return say(lang, TEXTS[notice])
