"""Lists of values inside a statement: `id IN (:id_0, :id_1, …)`."""

from __future__ import annotations

from collections.abc import Sequence

from roundtrip.storage.database import Value

_SIZES = (1, 5, 25, 100)


def listed(name: str, values: Sequence[Value]) -> tuple[str, dict[str, Value]]:
    """The text between the parentheses of `IN (…)`, and its parameters. `values` must not be empty.

    The list is filled up with its last value to one of a few lengths: a database prepares each text once, and there shall be few texts.
    """
    size = next((size for size in _SIZES if len(values) <= size), len(values))
    filled = [*values, *[values[-1]] * (size - len(values))]
    params = {f"{name}_{place}": value for place, value in enumerate(filled)}
    return ", ".join(f":{one}" for one in params), params
