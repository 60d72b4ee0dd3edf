"""Finds every sentence of the product that a visitor can read, with Babel: in templates by `_` and `ngettext`, in code by `marked`.

`python -m tests.text.extraction` adds what is missing to the catalogues, to be translated by hand.
"""

from __future__ import annotations

import io
import sys
from functools import cache
from pathlib import Path

from babel.messages import Catalog
from babel.messages.extract import DEFAULT_KEYWORDS, extract_from_dir
from babel.messages.pofile import read_po, write_po

import roundtrip
from roundtrip.text.catalogue import FOLDER, LANGUAGES, SOURCE

SOURCES = Path(roundtrip.__file__).resolve().parent
METHODS = [("**.html", "jinja2.ext:babel_extract"), ("**.txt", "jinja2.ext:babel_extract"), ("**.py", "python")]
TEMPLATE = {"newstyle_gettext": "true", "trimmed": "true", "silent": "false"}
OPTIONS = {"**.html": TEMPLATE, "**.txt": TEMPLATE}
KEYWORDS = {**DEFAULT_KEYWORDS, "marked": None}

Key = str | tuple[str, ...]


@cache
def extracted() -> dict[Key, list[tuple[str, int]]]:
    """Each sentence (a pair where it counts) and where it is used."""
    found: dict[Key, list[tuple[str, int]]] = {}
    for name, line, message, _comments, _context in extract_from_dir(str(SOURCES), METHODS, OPTIONS, KEYWORDS):
        key = message if isinstance(message, str) else tuple(message)
        found.setdefault(key, []).append((name, line))
    return found


def translated_languages() -> list[str]:
    """Every language that has a catalogue: all but the source."""
    return [code for code in LANGUAGES if code != SOURCE]


def read_catalogue(language: str) -> Catalog:
    """One catalogue as it is stored."""
    with (FOLDER / f"{language}.po").open("rb") as file:
        return read_po(file, locale=language)


HEADER = """\
# Sentences are keys: change one in the source, then run `python -m tests.text.extraction` and translate what came in empty.
msgid ""
msgstr ""
"Language: {language}\\n"
"Content-Type: text/plain; charset=utf-8\\n"
"Content-Transfer-Encoding: 8bit\\n"
"Plural-Forms: {plural_forms}\\n"

"""


def updated(language: str) -> bytes:
    """The catalogue with today's sentences: new ones empty, unused ones gone, the others as they were."""
    old, new = read_catalogue(language), Catalog(locale=language)
    for key, places in extracted().items():
        before = old.get(key)
        new.add(key, before.string if before else None, locations=sorted({(name, 0) for name, _line in places}))
    text = io.BytesIO()
    text.write(HEADER.format(language=language, plural_forms=new.plural_forms).encode())
    write_po(text, new, width=140, sort_by_file=True, include_lineno=False, omit_header=True)
    return text.getvalue()


def main() -> int:
    """Bring every catalogue up to date."""
    for language in translated_languages():
        (FOLDER / f"{language}.po").write_bytes(updated(language))
    return 0


if __name__ == "__main__":
    sys.exit(main())
