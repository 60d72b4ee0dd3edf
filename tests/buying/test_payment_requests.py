"""Owners ask for the money of an order by a link, over the API."""

from __future__ import annotations

import httpx

from tests.api.shape import violated
from tests.buying.conftest import Till
from tests.buying.test_checkout_api import paid_later, placed

PATH = "/ecom/v1/payment-requests"


def test_an_end_that_is_no_moment_is_refused_with_what_is_expected(till: Till) -> None:
    paid_later(till)
    order_id = placed(till)

    def asked(until: str) -> httpx.Response:
        body = {"paymentRequest": {"orderId": order_id, "expirationDate": until}}
        return till.call("POST", PATH, body, token=till.app.world.key)

    field = "paymentRequest.expirationDate"
    violated(asked("2099-05-01T12:00:00"), field, "FORMAT")
    violated(asked("9999-12-31T23:59:59-14:00"), field, "OTHER")
    violated(asked("0001-01-01T00:00:00+14:00"), field, "OTHER")
    made = till.owner("POST", PATH, {"paymentRequest": {"orderId": order_id, "expirationDate": "2027-05-01T14:00:00+02:00"}})
    assert made["paymentRequest"]["expirationDate"] == "2027-05-01T12:00:00.000Z"
