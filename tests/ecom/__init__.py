"""Carts, checkouts, orders."""
