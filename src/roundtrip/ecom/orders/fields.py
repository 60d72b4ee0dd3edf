"""What orders can be asked for, in the words of the wire."""

from __future__ import annotations

from typing import Final

from roundtrip.query.fields import Field, Fields, Kind

ORDERS: Final = Fields(
    {
        "id": Field(Kind.ID, "shop_order.id"),
        "number": Field(Kind.INTEGER, "shop_order.number", sortable=True),
        "status": Field(Kind.TEXT, "shop_order.status"),
        "paymentStatus": Field(Kind.TEXT, "shop_order.payment"),
        "fulfillmentStatus": Field(Kind.TEXT, "shop_order.fulfilment"),
        "checkoutId": Field(Kind.ID, "shop_order.checkout_id"),
        "buyerInfo.memberId": Field(Kind.ID, "shop_order.member_id", nullable=True),
        "buyerInfo.visitorId": Field(Kind.ID, "shop_order.visitor_id", nullable=True),
        "buyerInfo.email": Field(Kind.TEXT, "shop_order.email_key"),
        "currency": Field(Kind.TEXT, "shop_order.currency"),
        "archived": Field(Kind.BOOLEAN, "shop_order.is_archived"),
        "createdDate": Field(Kind.TIME, "shop_order.created_at", sortable=True),
        "updatedDate": Field(Kind.TIME, "shop_order.updated_at", sortable=True),
    },
    key="shop_order.id",
    default_sort=("-createdDate",),
)
"""Addresses of mail are compared in lower case: send them so."""
