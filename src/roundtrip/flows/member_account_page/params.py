"""`memberAccountPage`: this intent's message on the wire (`docs/reference/redirect-sessions.md`)."""

from __future__ import annotations

from enum import StrEnum

from roundtrip.flows.wire import Message


class SectionName(StrEnum):
    """A page of the account. What a site does not have shows the account itself."""

    ACCOUNT_INFO = "ACCOUNT_INFO"
    BOOKINGS = "BOOKINGS"
    ORDERS = "ORDERS"
    SUBSCRIPTIONS = "SUBSCRIPTIONS"
    EVENTS = "EVENTS"


class MemberAccountPage(Message):
    """Look at one's account, beginning with a section of it."""

    section: SectionName = SectionName.ACCOUNT_INFO


INTENT = "memberAccountPage"
PARAMS = MemberAccountPage
