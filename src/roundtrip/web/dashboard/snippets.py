"""What an owner copies into a site: this client's own values in working requests. A test runs the shell's as the page shows it."""

from __future__ import annotations

import json
import shlex
from dataclasses import dataclass
from pathlib import Path
from string import Template

from roundtrip.sites.model import Client

_SITE = Template((Path(__file__).parent / "snippet_texts" / "site_with_authlib.txt").read_text(encoding="utf-8"))
EXAMPLE_CALLBACK = "http://localhost:9000/callback"


@dataclass(frozen=True, slots=True)
class Snippet:
    """One text to copy, or several values, each by itself. `hint` says what it does, or what is missing before it works."""

    name: str
    title: str
    hint: str
    text: str = ""
    values: tuple[tuple[str, str], ...] = ()
    notes: tuple[tuple[str, str], ...] = ()
    """What is to be known beside the values, and is not to be copied."""


def snippets(client: Client, base_url: str) -> list[Snippet]:
    """Those that fit how the client gets its tokens."""
    found = []
    if "anonymous" in client.tokens.grant_types:
        found += [_sdk(client, base_url), _shell(client, base_url)]
    found.append(_standard(client, base_url))
    if not client.tokens.is_public and "authorization_code" in client.tokens.grant_types:
        found.append(_site(client, base_url))
    return found


def return_address(client: Client) -> str | None:
    """An address on the first allowed redirect domain; None when there is none, or only a wildcard."""
    entry = next((one for one in client.redirect_domains if "*" not in one), None)
    if entry is None:
        return None
    is_local = entry.partition(":")[0] in ("localhost", "127.0.0.1")
    return f"{entry}/" if "://" in entry else f"{'http' if is_local else 'https'}://{entry}/"


def _shell(client: Client, base_url: str) -> Snippet:
    address = return_address(client)
    token = json.dumps({"clientId": client.id, "grantType": "anonymous"})
    session = json.dumps({"login": {}, "callbacks": {"postFlowUrl": address or "https://shop.example/"}})
    field = """python3 -c 'import json, sys; print(json.load(sys.stdin)["access_token"])'"""
    text = f"""SERVER={shlex.quote(base_url)}
TOKEN=$(curl -sS $SERVER/oauth2/token -H 'Content-Type: application/json' \\
  -d {shlex.quote(token)} \\
  | {field})
curl -sS $SERVER/redirect-session/v1/redirect-session \\
  -H "Authorization: $TOKEN" -H 'Content-Type: application/json' \\
  -d {shlex.quote(session)}
"""
    hint = "A token for a new visitor, then a redirect session for logging in. Open the fullUrl of the answer in a browser."
    missing = "Allow a redirect domain first: https://shop.example/ stands for it here, and is refused until then."
    return Snippet("shell", "Plain HTTP", hint if address else missing, text)


def _sdk(client: Client, base_url: str) -> Snippet:
    text = f"""import {{ createClient, OAuthStrategy }} from '@wix/sdk';
import {{ redirects }} from '@wix/redirects';

// The SDK knows only its maker's API hosts. This sends what is meant for them to your server.
const SERVER = {json.dumps(base_url)};
const API_HOSTS = new Set(['www.wixapis.com', 'edge.wixapis.com']);
const originalFetch = globalThis.fetch;
globalThis.fetch = (resource, options) => {{
  const request = resource instanceof Request ? resource : undefined;
  const url = new URL(request ? request.url : resource, globalThis.location?.href);
  if (!API_HOSTS.has(url.hostname)) return originalFetch(resource, options);
  const target = new URL(url.pathname + url.search, SERVER);
  return originalFetch(request ? new Request(target, request) : target, options);
}};

export const client = createClient({{
  modules: {{ redirects }},
  auth: OAuthStrategy({{ clientId: {json.dumps(client.id)} }}),
}});
"""
    return Snippet("sdk", "JavaScript SDK", "Put it in the first module that your site loads.", text)


def _standard(client: Client, base_url: str) -> Snippet:
    tokens = client.tokens
    callback, bye = _first(client.redirect_uris), _first(client.post_logout_uris)
    values = (
        ("Issuer", base_url),
        ("Discovery address", f"{base_url}/.well-known/openid-configuration"),
        ("Client id", client.id),
        *((("Redirect URI", callback),) if callback else ()),
        *((("After logout", bye),) if bye else ()),
        ("Scopes", "openid profile email offline_access"),
    )
    notes = (
        ("Client secret", "none: this client is public" if tokens.is_public else "shown once, when you make it under Secrets"),
        ("Authentication", tokens.auth_method),
        *(() if callback else (("Redirect URI", "allow one first"),)),
        ("PKCE", "S256, needed" if tokens.is_public else "S256, if the library can"),
        ("id_token", f"signed with {tokens.id_token_alg}"),
        ("Refresh tokens", "rotate: keep the new one each time" if tokens.refresh_token_rotation else "stay the same"),
    )
    hint = "Most libraries need the discovery address, the client id and the secret, and find out the rest."
    return Snippet("standard", "OpenID Connect library", hint, values=values, notes=notes)


def _site(client: Client, base_url: str) -> Snippet:
    callback = _first(client.redirect_uris)
    text = _SITE.substitute(
        issuer=json.dumps(base_url),
        client_id=json.dumps(client.id),
        callback=json.dumps(callback or EXAMPLE_CALLBACK),
        after_logout=json.dumps(uri) if (uri := _first(client.post_logout_uris)) else "None",
        method=json.dumps(client.tokens.auth_method),
        alg=json.dumps(client.tokens.id_token_alg),
    )
    hint = "A site with login and logout in one file, made with Authlib. Save it as my_site.py and start it with the client's secret."
    missing = f"Allow a redirect URI first: {EXAMPLE_CALLBACK} stands for it here, and is refused until then."
    return Snippet("site", "A small site in Python", hint if callback else missing, text)


def _first(uris: tuple[str, ...]) -> str | None:
    """The first address that is one: a pattern is none."""
    return next((one for one in uris if "*" not in one), None)
