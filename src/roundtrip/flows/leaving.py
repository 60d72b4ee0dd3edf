"""The way back that every flow but `auth` takes."""

from __future__ import annotations

from typing import Any

import msgspec

from roundtrip.flows.base import Context, Leaving, Redirect, Stay
from roundtrip.redirect_session import return_url
from roundtrip.storage.database import Tx


def after_flow(tx: Tx, draft: msgspec.Struct, context: Context[Any]) -> Leaving:
    """To the thank-you page or the post-flow address, or nowhere when the site named none. Raises `return_url.NotAllowed`."""
    url = return_url.after_flow(context.session, context.client, context.site, member_logged_in=context.login is not None, now=context.now)
    return Stay() if url is None else Redirect(url)
