"""Slugs: the last part of an address."""

from __future__ import annotations

import re
import unicodedata

from roundtrip.core.errors import AppError, Kind


def slug_of(name: str) -> str:
    """The last part of an address for a name: small letters, digits and dashes; empty when nothing of it can be written so."""
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().lower()
    return re.sub(r"[^a-z0-9]+", "-", plain).strip("-")[:80].strip("-")


def slug_taken(slug: str) -> AppError:
    """Another one of the site has it."""
    return AppError(Kind.CONFLICT, "SLUG_TAKEN", f"The slug {slug!r} is taken on this site; choose another one.", data={"slug": slug})
