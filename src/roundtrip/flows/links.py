"""How entry addresses are made: the two shapes that flows choose from."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from roundtrip.flows.base import Link, Place
from roundtrip.redirect_session import entry_url
from roundtrip.redirect_session.entry_url import EntryUrl
from roundtrip.redirect_session.model import Callbacks


def direct(path: str, shown: Callable[[Any, Callbacks], Mapping[str, str]]) -> Link:
    """The endpoint is the page itself; `shown` names the parameters that clients look for there."""

    def link(params: Any, place: Place) -> EntryUrl:
        wanted = {**place.extras, **shown(params, place.callbacks)}
        return entry_url.direct(place.base_url, path, place.session_id, place.secret, wanted)

    return link


def through_entry(path: Callable[[Any], str], shown: Callable[[Any], Mapping[str, str]]) -> Link:
    """The entry endpoint, with the page's readable address inside."""

    def link(params: Any, place: Place) -> EntryUrl:
        wanted = {**place.extras, **place.hints, **shown(params)}
        return entry_url.through_entry(place.base_url, path(params), place.session_id, place.secret, wanted)

    return link
