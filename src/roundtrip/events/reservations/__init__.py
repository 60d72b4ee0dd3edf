"""Tickets that somebody keeps for a while without having bought them."""
