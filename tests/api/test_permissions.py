"""The catalogue of permissions and the table of operations are the same words: a key can be given exactly what operations ask for."""

from __future__ import annotations

from roundtrip.api.oauth_standard import INTROSPECT
from roundtrip.api.operations import OPERATIONS
from roundtrip.core.identity import ApiKey
from roundtrip.sites.permissions import PERMISSIONS, TOPICS


def test_every_permission_that_an_operation_asks_for_can_be_given() -> None:
    """OPS-03."""
    asked = {operation.permission for operation in OPERATIONS if ApiKey in operation.callers} | {INTROSPECT}
    assert asked - set(PERMISSIONS) == set()


def test_every_permission_belongs_to_a_topic_that_pages_name() -> None:
    assert {name.partition(".")[0] for name in PERMISSIONS} == set(TOPICS)
