"""Which page of the account a member began with. Nothing else is filled in: what they do is done at once."""

from __future__ import annotations

from roundtrip.flows.steps.login import IdentifiedDraft


class AccountDraft(IdentifiedDraft, frozen=True, omit_defaults=True):
    """`section` is the one that the site named; `said` a sentence about what was done last.
    `has_left`: they have seen enough."""

    section: str = "ACCOUNT_INFO"
    said: str = ""
    has_left: bool = False
