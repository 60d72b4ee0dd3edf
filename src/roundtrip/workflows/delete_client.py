"""Deleting a client ends everything that it may do: its row and secrets here, its tokens in the oauth room (decision 0081)."""

from __future__ import annotations

from roundtrip.oauth import revocation
from roundtrip.sites import clients
from roundtrip.sites.change import Change
from roundtrip.sites.model import Client
from roundtrip.storage.database import Tx


def delete_client(tx: Tx, *, client: Client, change: Change) -> str:
    """Delete a client. Add the answer, a subject, to this node's `RevocationSet` after the commit. Raises NOT_FOUND for who comes second.

    Refresh tokens and codes need the client to be there, so they are dead with it; access tokens are ended by one subject, however many
    visitors there are. Redirect sessions under way show the page about a client that is gone, and lead nowhere.
    """
    clients.delete(tx, client=client, change=change)
    return revocation.revoke(tx, f"client:{client.id}", change.now)
