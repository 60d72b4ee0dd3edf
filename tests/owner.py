"""What a site's owner does in tests that are about something else."""

from __future__ import annotations

from collections.abc import Mapping

from roundtrip.core.identity import COMMAND
from roundtrip.core.ids import new_id
from roundtrip.sites import actions as sites
from roundtrip.sites import clients
from roundtrip.sites.change import Change
from roundtrip.sites.client_fields import ATTRIBUTES
from roundtrip.sites.model import Client
from roundtrip.storage.database import Tx


def change_lists(tx: Tx, client_id: str, lists: Mapping[str, tuple[str, ...]], now: int) -> Client:
    """Replace the named allow-lists (`redirect_uris`, `redirect_domains`, `post_logout_uris`) of a client."""
    found, site = sites.require_client(tx, client_id)
    fields = {field: lists[attribute] for field, attribute in ATTRIBUTES.items() if attribute in lists}
    return clients.update(tx, client=found, site=site, fields=fields, change=Change(new_id(now), COMMAND, now))
