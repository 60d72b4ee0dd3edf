"""A client to hold addresses against."""

from __future__ import annotations

from roundtrip.sites.model import ApplicationType, Client
from tests.sites.attack_corpus import ALLOWED_DOMAIN, ALLOWED_URI


def make_client(
    *,
    uris: tuple[str, ...] = (ALLOWED_URI,),
    domains: tuple[str, ...] = (ALLOWED_DOMAIN,),
    post_logout: tuple[str, ...] = (),
    kind: ApplicationType = ApplicationType.WEB_APP,
) -> Client:
    """A client with these lists and nothing else of interest."""
    return Client(
        id="5d0b2c1e-7a54-4f0e-9b1f-1f6f0f1b7a01",
        site_id="1c0b2c1e-7a54-4f0e-9b1f-1f6f0f1b7a01",
        name="Shop",
        application_type=kind,
        redirect_uris=uris,
        redirect_domains=domains,
        post_logout_uris=post_logout,
        login_url=None,
        logout_url=None,
        signed_result=False,
        revision=1,
        created_at=0,
    )
