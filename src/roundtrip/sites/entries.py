"""What an owner may put into an allow-list, and what to tell them about it (RED-15, RED-16, RED-17).

Gives the normal form that is stored. An entry that is right but has no effect in the site's mode is kept, with a note: the same list is
often used for a test site and a live one.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final

from roundtrip.core.errors import invalid_field
from roundtrip.core.urls import UrlRefused, unicode_host
from roundtrip.sites.listed import DomainEntry, EntryRefused, UriEntry, is_loopback, read_domain_entry, read_uri_entry
from roundtrip.sites.model import MAX_ENTRIES, MAX_ENTRY_LENGTH, Mode
from roundtrip.sites.verdict import Rule

EntryKind = Rule
"""An entry is of the kind of the rule that reads it."""

FIELDS: Final[Mapping[EntryKind, str]] = {
    EntryKind.REDIRECT_URI: "allowedRedirectUris",
    EntryKind.REDIRECT_DOMAIN: "allowedRedirectDomains",
    EntryKind.POST_LOGOUT_URI: "postLogoutRedirectUris",
}

# Cyrillic and Greek letters that most fonts draw like a Latin one. Not complete, and not a defence: it only decides about a note.
_LOOKALIKES = str.maketrans("аеіјорсухѕԁһԛԝαορνικυϲ", "aeijopcyxsdhqwaopvikuc")


@dataclass(frozen=True, slots=True)
class CheckedEntry:
    """An entry as it is stored (international names as A-labels), with notes for its owner. Notes never stop it from being stored."""

    text: str
    host: str
    notes: tuple[str, ...]


def check_entry(kind: EntryKind, text: str, mode: Mode, field: str | None = None) -> CheckedEntry:
    """The normal form of one entry. Raises INVALID with a violation of `field` (default: the list's wire name) saying what is wrong."""
    path = field or FIELDS[kind]
    text = text.strip()
    if not text:
        raise invalid_field(path, "must not be empty", "MIN_LENGTH", threshold=1)
    if len(text) > MAX_ENTRY_LENGTH:
        raise invalid_field(path, f"size must be at most {MAX_ENTRY_LENGTH}, got {len(text)}", "MAX_LENGTH", threshold=MAX_ENTRY_LENGTH)
    try:
        entry = read_uri_entry(text) if kind.is_exact else read_domain_entry(text)
    except UrlRefused as error:
        sentence = error.sentence[0].lower() + error.sentence[1:]
        raise invalid_field(path, f"can't be listed: {sentence}", "FORMAT", value=text, reason=error.reason_code.value) from None
    except EntryRefused as error:
        raise invalid_field(path, f"{error}", "FORMAT", value=text, reason="ENTRY_REFUSED") from None
    host = entry.url.host if isinstance(entry, UriEntry) else entry.shown_host
    return CheckedEntry(entry.text, host, tuple(_notes(entry, host, mode)))


def check_entries(kind: EntryKind, texts: Iterable[str], mode: Mode, field: str | None = None) -> tuple[str, ...]:
    """The normal forms of a whole list, each once, in order. Raises INVALID for more than 20 entries and for the first bad one."""
    path = field or FIELDS[kind]
    given = tuple(texts)
    if len(given) > MAX_ENTRIES:
        raise invalid_field(path, f"size must be at most {MAX_ENTRIES}, got {len(given)}", "MAX_LENGTH", threshold=MAX_ENTRIES)
    checked = (check_entry(kind, text, mode, f"{path}[{place}]").text for place, text in enumerate(given))
    return tuple(dict.fromkeys(checked))


def _notes(entry: UriEntry | DomainEntry, host: str, mode: Mode) -> Iterable[str]:
    yield from _host_notes(host)
    if isinstance(entry, UriEntry):
        yield from _uri_notes(entry, mode)
    if mode is Mode.TEST:
        return
    if is_loopback(host):
        yield f"{host} has no effect while the site is live (apps on the visitor's own device excepted)."
    elif "http" in (entry.schemes if isinstance(entry, DomainEntry) else (entry.url.scheme,)):
        yield "Plain http has no effect while the site is live."


def _uri_notes(entry: UriEntry, mode: Mode) -> Iterable[str]:
    scheme = entry.url.scheme
    if entry.url.is_app_scheme and "." not in scheme:
        yield f"Any app can claim {scheme}: for itself. A scheme made from a domain you own, such as com.example.app:, is safer."
    if entry.host_pattern is not None:
        if entry.ends_at is None:
            yield "A pattern should end: write “ until YYYY-MM-DD” after it."
        if mode is Mode.LIVE:
            yield "Patterns have no effect while the site is live."


def _host_notes(host: str) -> Iterable[str]:
    readable = unicode_host(host)
    if readable == host:
        return
    lookalike = readable.translate(_LOOKALIKES)
    if lookalike.isascii():
        yield f"{host} is shown as {readable}, which can be mistaken for {lookalike}. Is it really the one you mean?"
    elif any(len(_scripts(label)) > 1 for label in readable.split(".")):
        yield f"{host} is shown as {readable} and mixes alphabets. Is it really the one you mean?"
    else:
        yield f"{host} is shown as {readable}."


def _scripts(label: str) -> set[str]:
    return {unicodedata.name(letter, "?").split()[0] for letter in label if letter.isalpha()} - {"CJK", "HIRAGANA", "KATAKANA"}
