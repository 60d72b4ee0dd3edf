"""How a step says what is wrong with a form."""

from __future__ import annotations

from roundtrip.core.errors import AppError, Kind, Violation


def refused(*wrong: tuple[str, str]) -> AppError:
    """What is wrong with a form, as (field, sentence); an empty field means the form as a whole."""
    violations = tuple(Violation(field, text) for field, text in wrong)
    return AppError(Kind.INVALID, "INVALID_ARGUMENT", violations[0].description, violations=violations)
