"""What API keys, and clients by their secret, can be allowed to do in a shop."""

from __future__ import annotations

from roundtrip.core.right import Right

RIGHTS = (
    Right("catalogue.read", "See products and collections, hidden ones too", "Products"),
    Right("catalogue.manage", "Make, change and delete products, their stock, and collections", "Products"),
    Right("back_in_stock.manage", "See and delete requests to be told when something is back in stock", "Products"),
    Right("order.read", "See carts, checkouts and orders of buyers", "Orders"),
    Right("order.manage", "Mark orders as paid, send, cancel, correct and refund them", "Orders"),
    Right("coupon.manage", "Make, change and delete coupons", "Coupons"),
    Right("shipping.manage", "Make, change and delete ways of delivery", "Delivery"),
    Right("tax.manage", "Make, change and delete tax rates", "Taxes"),
    Right("shop.manage", "Set how the site sells", "Selling"),
)
