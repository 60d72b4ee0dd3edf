"""Which languages there are and what our sentences are called in them. English is the source: its sentences are the keys.

The catalogues are `locale/<language>.po`, read at first use. How money and dates look in a language does not live here.
"""

from __future__ import annotations

import gettext
import io
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po

FOLDER = Path(__file__).resolve().parent / "locale"
SOURCE = "en"


@dataclass(frozen=True, slots=True)
class Language:
    """One language of the pages. `name` is its own name for itself."""

    code: str
    name: str
    direction: str = "ltr"


LANGUAGES: Mapping[str, Language] = {
    language.code: language
    for language in (
        Language("en", "English"),
        Language("de", "Deutsch"),
        Language("es", "Español"),
        Language("fr", "Français"),
        Language("he", "עברית", "rtl"),
        Language("ja", "日本語"),
    )
}

# ISO 639 renamed these; old browsers, phones and catalogues still send the first form.
_RENAMED = {"iw": "he", "in": "id", "ji": "yi"}


@lru_cache(maxsize=len(LANGUAGES))
def translations(language: str) -> gettext.NullTranslations:
    """The catalogue of one language; every sentence answers with itself when there is none."""
    if language == SOURCE or language not in LANGUAGES:
        return gettext.NullTranslations()
    with (FOLDER / f"{language}.po").open("rb") as file:
        catalogue = read_po(file, locale=language)
    compiled = io.BytesIO()
    write_mo(compiled, catalogue)
    compiled.seek(0)
    return gettext.GNUTranslations(compiled)


@lru_cache(maxsize=len(LANGUAGES))
def _keys(language: str) -> frozenset[str]:
    with (FOLDER / f"{language}.po").open("rb") as file:
        return frozenset(message.id for message in read_po(file) if message.id and isinstance(message.id, str))


def say(language: str, sentence: str, **values: str | int) -> str:
    """One of our sentences in a language, with its `%(name)s` places filled. Plain text: templates escape it like any other."""
    text = translations(language).gettext(sentence)
    return text % values if values else text


def is_ours(sentence: str) -> bool:
    """True when the sentence is a key of the catalogues, in other words: written for visitors, with a translation in every language."""
    return any(sentence in _keys(language) for language in LANGUAGES if language != SOURCE)


def choose_language(requested: str | None, supported: Collection[str], default: str) -> str:
    """The supported language closest to the requested one: `de-AT` and `de_at` give `de`, an unknown one gives the default (PAG-07)."""
    if not requested:
        return default
    wanted = requested.strip().replace("_", "-").lower()
    by_lower = {code.lower(): code for code in supported}
    primary = wanted.partition("-")[0]
    for candidate in (wanted, primary, _RENAMED.get(primary, primary)):
        if candidate in by_lower:
            return by_lower[candidate]
    return default


def spoken(*wanted: str | None) -> str:
    """The first of these languages that we have, or the closest to it; English when we have none of them."""
    return next((found for one in wanted if (found := choose_language(one, LANGUAGES, ""))), SOURCE)


def direction(language: str) -> str:
    """`rtl` for languages written from right to left, else `ltr`."""
    known = LANGUAGES.get(language)
    return known.direction if known else "ltr"
