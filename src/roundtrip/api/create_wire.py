"""The shapes of Create Redirect Session on the wire. What is done with them is in `redirect_sessions.py`."""

from __future__ import annotations

from typing import Annotated

import msgspec
from msgspec import Meta

from roundtrip.api.wire import Wire
from roundtrip.flows.registry import registry

Address = Annotated[str, Meta(max_length=2048)]


class WireCallbacks(Wire):
    """Where the visitor may be sent."""

    post_flow_url: Address | None = None
    thank_you_page_url: Address | None = None
    login_url: Address | None = None
    cart_page_url: Address | None = None
    bookings_service_list_url: Address | None = None
    plan_list_url: Address | None = None
    plans_list_url: Address | None = None
    state: Address | None = None


class CustomMemberPaths(Wire):
    """Paths of a connected site's own member pages."""

    account_page_path: str | None = None
    profile_page_path: str | None = None


class WirePreferences(Wire):
    """How the pages should be."""

    use_generic_wix_pages: bool | None = None
    custom_member_paths: CustomMemberPaths | None = None
    maintain_identity: bool | None = None
    additional_query_parameters: dict[str, str] | None = None
    create_short_url: bool | None = None
    check_if_publish: bool | None = None


class UrlDetails(Wire, omit_defaults=False):
    """`fullUrl` in two parts."""

    endpoint: str
    search_params: dict[str, str]


class WireSession(Wire, omit_defaults=False):
    """The redirect session as its creator sees it."""

    id: str
    full_url: str
    url_details: UrlDetails
    session_token: str
    short_url: str


class CreateResponse(Wire):
    """The answer of Create Redirect Session."""

    redirect_session: WireSession


# One optional field per known intent: a new folder under `flows/` is decoded, validated and documented without touching this file.
CreateRequest: type[msgspec.Struct] = msgspec.defstruct(
    "CreateRequest",
    [
        *((intent, params | None, None) for intent, params in registry().params.items()),
        ("callbacks", WireCallbacks | None, None),
        ("preferences", WirePreferences | None, None),
        ("origin", Address | None, None),
    ],
    namespace={"__doc__": "Exactly one intent, and how the visitor comes back."},
    omit_defaults=True,
)
