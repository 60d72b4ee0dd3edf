"""How entry addresses are made: the two shapes that flows choose from."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from roundtrip.flows.base import Link
from roundtrip.redirect_session import entry_url
from roundtrip.redirect_session.entry_url import EntryUrl


def direct(path: str, shown: Callable[[Any], Mapping[str, str]]) -> Link:
    """The endpoint is the page itself; `shown` names the parameters that clients look for there."""

    def link(*, base_url: str, session_id: str, secret: str, params: Any, extras: Mapping[str, str]) -> EntryUrl:
        return entry_url.direct(base_url, path, session_id, secret, {**extras, **shown(params)})

    return link


def through_entry(path: Callable[[Any], str], shown: Callable[[Any], Mapping[str, str]]) -> Link:
    """The entry endpoint, with the page's readable address inside."""

    def link(*, base_url: str, session_id: str, secret: str, params: Any, extras: Mapping[str, str]) -> EntryUrl:
        return entry_url.through_entry(base_url, path(params), session_id, secret, {**extras, **shown(params)})

    return link
