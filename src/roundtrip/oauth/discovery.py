"""The server's description of itself (OpenID Connect Discovery 3, RFC 8414 2), made from what the code accepts."""

from __future__ import annotations

from collections.abc import Mapping

from roundtrip.oauth import pkce
from roundtrip.oauth.authorize import PROMPTS, RESPONSE_MODES
from roundtrip.oauth.id_token import CLAIMS, SIGNED_WITH
from roundtrip.oauth.model import SCOPES
from roundtrip.sites.model import AUTH_METHODS, GRANT_TYPES
from roundtrip.text.catalogue import LANGUAGES

_WITH_SECRET = tuple(method for method in AUTH_METHODS if method != "none")


def metadata(issuer: str, endpoints: Mapping[str, str]) -> dict[str, object]:
    """`endpoints` are metadata names with paths; whoever serves them knows them."""
    return {
        "issuer": issuer,
        **{name: issuer + path for name, path in endpoints.items()},
        "response_types_supported": ["code"],
        "response_modes_supported": list(RESPONSE_MODES),
        "grant_types_supported": list(GRANT_TYPES),
        "scopes_supported": sorted(SCOPES),
        "subject_types_supported": ["public"],
        "id_token_signing_alg_values_supported": list(SIGNED_WITH),
        "token_endpoint_auth_methods_supported": list(AUTH_METHODS),
        "introspection_endpoint_auth_methods_supported": list(_WITH_SECRET),
        "revocation_endpoint_auth_methods_supported": list(AUTH_METHODS),
        "code_challenge_methods_supported": list(pkce.METHODS),
        "prompt_values_supported": sorted(PROMPTS),
        "claims_supported": list(CLAIMS),
        "ui_locales_supported": list(LANGUAGES),
        "authorization_response_iss_parameter_supported": True,
        "claims_parameter_supported": False,
        "request_parameter_supported": False,
        "request_uri_parameter_supported": False,
    }
