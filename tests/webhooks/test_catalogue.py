"""Every event says what it carries, in one place, and what is recorded fits (`tests/told_events.py` holds the whole run to it)."""

from __future__ import annotations

import pytest

from roundtrip.core.told import KINDS, example, fields_of, misfits, schema, told
from roundtrip.webhooks.catalogue import catalogue, described


def test_every_event_that_has_fields_has_a_schema_and_an_example_that_fits() -> None:
    """WHK-09."""
    known = described()
    assert {"redirect_session.completed", "order.paid", "booking.confirmed", "member.erased"} <= {one["name"] for one in known}
    for one in known:
        entity, _, slug = one["name"].partition(".")
        fields = fields_of(catalogue()[entity][slug])
        if fields is not None:
            assert misfits(fields, one["example"]) == []
            assert set(one["schema"]["required"]) == set(one["example"])


def test_what_does_not_fit_is_named() -> None:
    fields = fields_of(told("Happened.", "id name? total:number tags:texts at:time"))
    assert fields is not None
    assert misfits(fields, {"id": "1", "total": 2, "tags": ["a"], "at": 3}) == []
    assert misfits(fields, {"id": 1, "tags": [1], "at": True, "more": 1}) == [
        "more is not among its fields",
        "id is no text: 1",
        "total is missing",
        "tags is no texts: [1]",
        "at is no time: True",
    ]
    assert schema("name?")["properties"] == {"name": {"type": ["string", "null"]}}
    assert set(example(" ".join(f"{kind}_:{kind}" for kind in KINDS))) == {f"{kind}_" for kind in KINDS}
    with pytest.raises(ValueError, match="is no field"):
        told("Happened.", "id:money")
