"""A visitor who logs in keeps their cart: it is merged into the member's when the site gets the member's tokens.

Not earlier: only then is it certain that the site which holds the visitor's token is the one that the member came back to. A link that
somebody else began the login with puts nothing into anybody's cart (decision 0131).
"""

from __future__ import annotations

from roundtrip.core.secrets import hash_secret
from roundtrip.ecom.cart import actions as carts
from roundtrip.ecom.cart import store as cart_store
from roundtrip.ecom.cart.model import Owner
from roundtrip.ecom.checkout import store as checkouts
from roundtrip.oauth import store as oauth
from roundtrip.oauth.authorize import CODE_PURPOSE
from roundtrip.redirect_session import store as redirect_sessions
from roundtrip.sites.moment import Moment
from roundtrip.storage.database import Tx


def keep_cart(tx: Tx, *, code: str, moment: Moment) -> bool:
    """Call in the transaction that has just exchanged `code` for tokens; True when something was merged.

    A code is exchanged once, so this happens once; and of several logins of one visitor only the first finds a cart.
    """
    kept = oauth.code(tx, hash_secret(CODE_PURPOSE, code))
    if kept is None or kept.used_at is None or kept.redirect_session_id is None:
        return False
    session = redirect_sessions.get(tx, kept.redirect_session_id)
    if session is None or session.caller_kind != "visitor" or session.caller_id is None:
        return False
    return take_over(tx, session.site_id, session.caller_id, kept.member_id, moment)


def take_over(tx: Tx, site_id: str, visitor_id: str, member_id: str, moment: Moment) -> bool:
    """Merge a visitor's cart into the member's; True when there was something.

    The checkout that was made from it leads to the member's cart from then on: what it buys is taken out there, whatever checkout the
    member makes next.
    """
    left = cart_store.of_owner(tx, site_id, Owner("visitor", visitor_id))
    checkout_id = left.checkout_id if left is not None else None
    if checkout_id is not None:
        checkouts.lock(tx, site_id, checkout_id, moment.now)  # before the carts, as everybody who locks both (decision 0135)
    if not carts.merge(tx, site_id, visitor_id, member_id, moment):
        return False
    merged = cart_store.of_owner(tx, site_id, Owner("member", member_id))
    if checkout_id is not None and merged is not None:
        checkouts.set_cart(tx, checkout_id, merged.id)
    return True
