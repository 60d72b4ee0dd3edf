"""The shapes that the messages of several intents share."""

from __future__ import annotations

from typing import Annotated

import msgspec
from msgspec import Meta

GUID_PATTERN = "^[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{12}(?!\\n)$"

Guid = Annotated[str, Meta(pattern=GUID_PATTERN)]
Slug = Annotated[str, Meta(min_length=1, max_length=150)]
Filled = Annotated[str, Meta(min_length=1)]


class Message(msgspec.Struct, rename="camel", omit_defaults=True):
    """Base of every intent's message: camelCase on the wire, unknown fields ignored (rule A6 of the wire reference)."""

    def broken_rule(self) -> tuple[str, str, str] | None:
        """A rule over several fields that this message breaks, as (field, description, rule name); None when all is well."""
        return None
