"""From prices, quantities, a coupon, delivery and tax to the amounts that a buyer pays. Pure."""
