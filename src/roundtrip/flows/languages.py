"""In which language a visit is shown (PAG-07): the `lang` parameter, then the caller's header, then the site's own."""

from __future__ import annotations

import re

_LANGUAGE = re.compile(r"[A-Za-z]{2,3}(?:[-_][A-Za-z]{2}|[-_][A-Za-z]{4}|[-_][0-9]{3})?")


def language_of(lang: str | None, linguist: str) -> str | None:
    """The wanted language as `de` or `pt-BR`, or None.

    `linguist` is the value of `x-wix-linguist`: fields separated by `|`, the language first. What does not look like a language is
    ignored, never refused: a wrong hint must not stop a purchase.
    """
    for candidate in (lang, linguist.split("|", 1)[0]):
        if candidate and _LANGUAGE.fullmatch(candidate.strip()):
            return candidate.strip().replace("_", "-")
    return None
