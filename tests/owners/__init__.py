"""Owners: how the first one joins, logs in, and proves a second factor."""
