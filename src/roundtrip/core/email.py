"""When two e-mail addresses are the same account."""

from __future__ import annotations

import unicodedata


def email_key(email: str) -> str:
    """Two addresses with the same key are the same account: compatibility forms and upper case do not make a second one."""
    return unicodedata.normalize("NFKC", email.strip()).casefold()
