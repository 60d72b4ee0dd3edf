"""Lengths of time in words, in every language of the pages."""

from __future__ import annotations

from datetime import timedelta

from babel.dates import format_timedelta


def duration(language: str, seconds: int) -> str:
    """`5` -> "5 seconds", `90` -> "2 minutes": rounded up, so that nobody comes back too early."""
    whole = seconds if seconds < 60 else -(-seconds // 60) * 60
    return format_timedelta(timedelta(seconds=whole), threshold=60 if whole < 60 else 1, locale=language)
