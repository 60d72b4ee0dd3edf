"""OAuth 2 and OpenID Connect, one file per part of the specification. Plain functions on a transaction; the wire is `api/` and `web/`."""
