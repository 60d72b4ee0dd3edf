"""What somebody leaves behind by buying: a cart, a wish for what is sold out, a checkout, an order, a payment, a coupon, mails."""

from __future__ import annotations

from tests.app_fixture import App
from tests.buying.conftest import CARTS, CHECKOUTS, SHIRT, Json, Till, item, opened
from tests.buying.test_checkout_api import paid_later, standard
from tests.ecom.shelf import MUG

WORDS = ("Sparrow Lane", "555019", "Ring the copper bell", "TRACK77")
"""Parts of the address, the telephone, the notes and the parcel: none may be found anywhere once she is erased."""
PLACE: Json = {
    "address": {"country": "US", "subdivision": "NY", "city": "Quantlebury", "postalCode": "10001", "addressLine": "7 Sparrow Lane"},
    "contactDetails": {"firstName": "Zephyrina", "lastName": "Quantlebury", "phone": "+1212555019"},
}
COUPON: Json = {"name": "Ten", "code": "TEN", "percentOffRate": 10, "limitPerCustomer": 1}


def shop(app: App) -> Till:
    """A shop that is paid later, counts who uses its coupon, and mails its orders to somebody."""
    till = opened(app)
    paid_later(till)
    till.owner("POST", "/stores/v2/coupons", {"specification": COUPON})
    till.owner("PATCH", "/api/v1/shop-settings", {"shopSettings": {"ordersEmail": "orders@shop.example"}})
    return till


def orders(till: Till, email: str, coupon: str | None = "TEN") -> str:
    """She orders a mug with her name on it, and says who she is wherever one can; the order's id."""
    info: Json = {
        "buyerInfo": {"email": email},
        "billingInfo": PLACE,
        "shippingInfo": {"shippingDestination": PLACE, "selectedCarrierServiceOption": {"code": standard(till)}},
        "buyerNote": "Ring the copper bell",
        "giftNote": "From Zephyrina",
        "customFields": [{"title": "Hat", "value": "Blue hat"}],
    }
    line = item(MUG, customTextFields={"Engraving": "Quantlebury"})
    body = {"lineItems": [line], "channelType": "WEB", "checkoutInfo": info, **({"couponCode": coupon} if coupon else {})}
    checkout = till.post(CHECKOUTS, body)["checkout"]
    return str(till.post(f"{CHECKOUTS}/{checkout['id']}/create-order")["orderId"])


def is_finished(till: Till, order_id: str) -> None:
    """The owner has the money, sends the order, and gives some money back, with words about her each time."""
    till.owner("POST", f"/ecom/v1/payments-collector/orders/{order_id}/mark-as-paid")
    tracking = {"trackingNumber": "TRACK77", "shippingProvider": "Post", "trackingLink": "https://post.example/TRACK77"}
    till.owner("POST", f"/ecom/v1/fulfillments/orders/{order_id}/create-fulfillment", {"fulfillment": {"trackingInfo": tracking}})
    part = {"amount": {"amount": "1.00"}, "reason": "Zephyrina found a crack", "refundKey": "crack"}
    till.owner("POST", f"/api/v1/orders/{order_id}/refund", part)


def buys(app: App, token: str, email: str) -> str:
    """A finished order, one that was cancelled, a checkout that she left, and a cart with her address in it; the first order's id."""
    till = Till(app, token)
    bought = orders(till, email)
    is_finished(till, bought)
    cancelled = orders(till, email, coupon=None)
    till.owner("POST", f"/ecom/v1/orders/{cancelled}/cancel", {"customMessage": "Zephyrina did not like it"})
    till.put(item(MUG, customTextFields={"Engraving": "Quantlebury"}))
    till.patch(CARTS, {"cartInfo": {"buyerInfo": {"email": email}, "buyerNote": "Ring the copper bell"}})
    wanted = item(SHIRT, options={"Size": "M", "Color": "Black"})["catalogReference"]
    till.post("/v1/back-in-stock-notification-requests", {"request": {"email": email, "catalogReference": wanted}})
    left = {"channelType": "WEB", "email": email, "shippingAddress": PLACE["address"]}
    till.post(f"{CARTS}/create-checkout", left)
    return bought
