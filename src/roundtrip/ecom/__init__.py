"""What a site sells and who bought it: products, carts, checkouts, orders."""
