"""Parameter names in both spellings. The official SDK writes `clientId`, standard clients write `client_id`; inside there is one form."""

from __future__ import annotations

from collections.abc import Mapping

from roundtrip.oauth.errors import refuse


def both(*names: str) -> dict[str, str]:
    """Both spellings of every standard name, each with the standard one: what `spelled` recognises."""
    accepted: dict[str, str] = {}
    for name in names:
        first, *rest = name.split("_")
        accepted[name] = accepted[first + "".join(word.capitalize() for word in rest)] = name
    return accepted


def spelled(params: Mapping[str, object], accepted: Mapping[str, str]) -> dict[str, str]:
    """The accepted parameters under their standard names. Unknown ones and nulls are left out (RFC 6749 3.1, 3.2).

    Raises `AppError` (`invalid_request`) when one is not a text, or is given in both spellings with different values.
    """
    found: dict[str, str] = {}
    for name, value in params.items():
        standard = accepted.get(name)
        if standard is None or value is None:
            continue
        if not isinstance(value, str):
            raise refuse("invalid_request", f"{name} must be a text")
        if found.setdefault(standard, value) != value:
            raise refuse("invalid_request", f"{name} is given twice with different values")
    return found
