"""What an owner copies into a site: this client's own values in working requests. A test runs the shell's as the page shows it."""

from __future__ import annotations

import json
import shlex
from dataclasses import dataclass

from roundtrip.sites.model import Client


@dataclass(frozen=True, slots=True)
class Snippet:
    """One text to copy. `hint` says what it does, or what is missing before it works."""

    name: str
    title: str
    hint: str
    text: str


def snippets(client: Client, base_url: str) -> list[Snippet]:
    """Those that fit how the client gets its tokens."""
    found = []
    if "anonymous" in client.tokens.grant_types:
        found += [_sdk(client, base_url), _shell(client, base_url)]
    return [*found, _standard(client, base_url)]


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
    lines = [
        f"Issuer          {base_url}",
        f"Discovery       {base_url}/.well-known/openid-configuration",
        f"Client id       {client.id}",
        f"Authentication  {client.tokens.auth_method}",
        f"Redirect URI    {client.redirect_uris[0] if client.redirect_uris else '(allow one first)'}",
        "Scopes          openid profile email offline_access",
        "PKCE            S256",
    ]
    hint = "Any OpenID Connect library needs these values."
    if not client.tokens.is_public:
        hint += " The secret is shown when you make it, below."
    return Snippet("standard", "OpenID Connect library", hint, "\n".join(lines) + "\n")
