"""Tickets to print (PDF): one page for each, with its square code. Drawn by ReportLab, with fonts that stay on this machine.

Latin texts are set in a font that every reader has; Japanese in the one that readers bring along. Hebrew needs DejaVu Sans in one of the
folders where systems keep it; where that is missing, `can_write` says so, and there is no file (the page prints as well).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from io import BytesIO
from pathlib import Path

from bidi import get_display  # type: ignore[import-untyped]
from reportlab.lib.pagesizes import A5
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.cidfonts import UnicodeCIDFont
from reportlab.pdfbase.ttfonts import TTFont
from reportlab.pdfgen.canvas import Canvas

from roundtrip.text.catalogue import direction, say
from roundtrip.text.marks import marked
from roundtrip.text.qr import modules

FOLDERS = ("/usr/share/fonts/truetype/dejavu", "/usr/share/fonts/dejavu", "/usr/share/fonts/TTF", "/Library/Fonts")
SHOW = marked("Show this code at the door.")
TICKET, GUEST, ORDER = marked("Ticket"), marked("Guest"), marked("Order")
CONTENT_TYPE = "application/pdf"
_JAPANESE = "HeiseiKakuGo-W5"
_WIDE = "DejaVuSans"
_WIDTH, _HEIGHT = A5
_MARGIN = 36.0
_CODE = 190.0


@dataclass(frozen=True, slots=True)
class Printed:
    """What stands on a ticket; `code` is what its square code says. Times are in words of the language already."""

    site: str
    title: str
    when: str
    place: str
    name: str
    guest: str
    number: str
    order: str
    code: str


def can_write(language: str) -> bool:
    """Whether there is a font for a language."""
    return direction(language) == "ltr" or _wide() is not None


def tickets_file(tickets: Sequence[Printed], language: str) -> bytes:
    """The file. Call only when `can_write`."""
    out = BytesIO()
    canvas = Canvas(out, pagesize=A5, invariant=1)
    canvas.setTitle(tickets[0].title if tickets else "")
    for one in tickets:
        _page(canvas, one, language)
        canvas.showPage()
    canvas.save()
    return out.getvalue()


def _page(canvas: Canvas, one: Printed, language: str) -> None:
    top = _HEIGHT - _MARGIN
    top = _text(canvas, one.site, top, 10, language, grey=True)
    top = _text(canvas, one.title, top - 6, 20, language)
    top = _text(canvas, one.when, top - 4, 11, language)
    top = _text(canvas, one.place, top, 11, language, grey=True)
    canvas.setStrokeGray(0.8)
    canvas.line(_MARGIN, top - 6, _WIDTH - _MARGIN, top - 6)
    top -= 20
    for name, value in ((TICKET, one.name), (GUEST, one.guest), (ORDER, one.order)):
        if value:
            top = _text(canvas, say(language, name), top, 8, language, grey=True)
            top = _text(canvas, value, top, 13, language) - 4
    _code(canvas, one.code, _MARGIN + 40)
    _text(canvas, one.number, _MARGIN + 30, 11, language, centred=True)
    _text(canvas, say(language, SHOW), _MARGIN + 12, 9, language, grey=True, centred=True)


def _code(canvas: Canvas, text: str, bottom: float) -> None:
    rows = modules(text)
    size = _CODE / len(rows)
    left = (_WIDTH - _CODE) / 2
    canvas.setFillGray(0)
    for down, row in enumerate(rows):
        for across, dark in enumerate(row):
            if dark:
                # A hair wider, so that no reader shows gaps between neighbours.
                canvas.rect(left + across * size, bottom + _CODE - (down + 1) * size, size + 0.1, size + 0.1, stroke=0, fill=1)


def _text(canvas: Canvas, text: str, top: float, size: float, language: str, *, grey: bool = False, centred: bool = False) -> float:
    """Write below `top`, on as many lines as it takes; where the next may begin."""
    is_rtl = direction(language) == "rtl"
    canvas.setFillGray(0.4 if grey else 0)
    for line in _lines(text, size, language):
        top -= size * 1.3
        shown = get_display(line) if is_rtl else line
        font = _font(shown, language)
        canvas.setFont(font, size)
        if centred:
            canvas.drawCentredString(_WIDTH / 2, top, shown)
        elif is_rtl:
            canvas.drawRightString(_WIDTH - _MARGIN, top, shown)
        else:
            canvas.drawString(_MARGIN, top, shown)
    return top


def _lines(text: str, size: float, language: str) -> list[str]:
    """Cut where a line is full: at blanks, and where there are none, anywhere."""
    room, font = _WIDTH - 2 * _MARGIN, _font(text, language)
    lines: list[str] = []
    for word in text.split():
        joined = f"{lines[-1]} {word}" if lines else word
        if lines and pdfmetrics.stringWidth(joined, font, size) <= room:
            lines[-1] = joined
            continue
        lines.append("")
        for sign in word:
            if lines[-1] and pdfmetrics.stringWidth(lines[-1] + sign, font, size) > room:
                lines.append("")
            lines[-1] += sign
    return lines[:4]


def _font(text: str, language: str) -> str:
    try:
        text.encode("cp1252")
    except UnicodeEncodeError:
        if language != "ja":
            wide = _wide()
            if wide is not None:
                return wide
        return _japanese()
    return "Helvetica"


@lru_cache(maxsize=1)
def _wide() -> str | None:
    """A font with Latin, Greek, Cyrillic and Hebrew letters, if this machine has it."""
    path = next((found for folder in FOLDERS if (found := Path(folder) / "DejaVuSans.ttf").is_file()), None)
    if path is None:
        return None
    pdfmetrics.registerFont(TTFont(_WIDE, str(path)))
    return _WIDE


@lru_cache(maxsize=1)
def _japanese() -> str:
    pdfmetrics.registerFont(UnicodeCIDFont(_JAPANESE))
    return _JAPANESE
