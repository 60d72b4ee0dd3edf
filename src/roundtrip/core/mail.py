"""A mail that somebody shall get, before it has words: what it is about and for whom. Words are in `text/`, sending is in `worker/`."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum

import msgspec

from roundtrip.core.email import email_key


class MailKind(StrEnum):
    """What a mail is about. Each has a template per kind in `text/mails/`."""

    VERIFY_EMAIL = "verify_email"
    RECOVER = "recover"
    ALREADY_REGISTERED = "already_registered"
    PASSWORD_CHANGED = "password_changed"  # noqa: S105  a name
    APPROVAL_WANTED = "approval_wanted"
    APPROVED = "approved"
    ORDER_CONFIRMED = "order_confirmed"
    ORDER_SENT = "order_sent"
    ORDER_CANCELED = "order_canceled"
    ORDER_REFUNDED = "order_refunded"
    ORDER_UNPAID = "order_unpaid"
    ORDER_TOO_LATE = "order_too_late"
    ORDER_RECEIVED = "order_received"
    ORDER_TOO_LATE_SHOP = "order_too_late_shop"
    BACK_IN_STOCK = "back_in_stock"
    BOOKING_CONFIRMED = "booking_confirmed"
    BOOKING_PENDING = "booking_pending"
    BOOKING_DECLINED = "booking_declined"
    BOOKING_CANCELED = "booking_canceled"
    BOOKING_MOVED = "booking_moved"
    BOOKING_REMINDER = "booking_reminder"
    BOOKING_WAITING = "booking_waiting"
    BOOKING_PLACE_FREE = "booking_place_free"
    BOOKING_RECEIVED = "booking_received"
    BOOKING_CANCELED_SHOP = "booking_canceled_shop"
    PLAN_STARTED = "plan_started"
    PLAN_RENEWED = "plan_renewed"
    PLAN_PAYMENT_FAILED = "plan_payment_failed"
    PLAN_CANCELED = "plan_canceled"
    PLAN_ENDED = "plan_ended"
    EVENT_TICKETS = "event_tickets"
    EVENT_TOO_LATE = "event_too_late"
    EVENT_UNPAID = "event_unpaid"
    EVENT_CANCELED = "event_canceled"
    EVENT_RECEIVED = "event_received"
    EVENT_COMING = "event_coming"
    EVENT_WAITING = "event_waiting"
    EVENT_PLACE_FREE = "event_place_free"
    WEBHOOK_DISABLED = "webhook_disabled"


class MailRequest(msgspec.Struct, frozen=True, omit_defaults=True):
    """One mail to one address, in one language.

    `code_id` names the one-time code whose digits and link the mail carries: they are derived when it is sent and never stored
    (decision 0018). `values` fill the places of the template (`name`, `url`, `item`); never secrets. `email` in them is the address of
    whom it tells of, when that is not who gets it. `about` is the id of the order, request, booking or order of a plan that it tells of.
    """

    kind: MailKind
    to: str
    language: str
    code_id: str | None = None
    values: Mapping[str, str] = {}
    about: str | None = None

    @property
    def person(self) -> str:
        """Whom it is about, as a key (OPS-08): the address that it tells of, or else the one that gets it."""
        return email_key(self.values.get("email") or self.to)
