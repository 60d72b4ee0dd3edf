"""Tickets as they are printed: what stands on each, in the language of the order."""

from __future__ import annotations

from collections.abc import Sequence

from roundtrip.events.event.model import NOT_SAID
from roundtrip.events.orders import links
from roundtrip.events.orders.model import Order, Ticket
from roundtrip.text import when
from roundtrip.text.ticket_pdf import Printed


def printed(order: Order, tickets: Sequence[Ticket], site: str, code_key: bytes, pages: str, language: str) -> list[Printed]:
    """One for each ticket that is good."""
    content = order.content
    said = "" if content.starts_at == NOT_SAID else when.when(content.starts_at, content.ends_at, content.zone, language)
    return [
        Printed(
            site=site,
            title=content.title,
            when=said,
            place=content.place,
            name=f"{one.content.name} ({one.content.option})" if one.content.option else one.content.name,
            guest=one.content.guest.name,
            number=one.number,
            order=order.number,
            code=pages + links.ticket_path(code_key, one.id),
        )
        for one in tickets
        if one.is_valid
    ]
