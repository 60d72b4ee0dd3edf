"""A visitor without an account signs up, and the site gets a code in the fragment, as the official SDK asks for it."""

from __future__ import annotations

from collections.abc import Mapping

from roundtrip.flows.example import REDIRECT_URI, Example, FilledIn
from roundtrip.redirect_session.model import Callbacks


def _message(client_id: str) -> Mapping[str, object]:
    request = {
        "clientId": client_id,
        "responseType": "code",
        "responseMode": "fragment",
        "redirectUri": REDIRECT_URI,
        "scope": "offline_access",
        "state": "8d2f-a-state",
        "codeChallenge": "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM",  # RFC 7636, appendix B
        "codeChallengeMethod": "S256",
    }
    return {"authRequest": request, "prompt": "login"}


EXAMPLE = Example(
    message=_message,
    callbacks=Callbacks(),
    filled_in=(FilledIn("sign_up", {"email": "bea@example.com", "password": "a blue door in may", "nickname": "Bea"}),),
    returns_to=REDIRECT_URI,
    returns_with=frozenset({"code", "state", "iss"}),
    logged_in_after=True,
)
