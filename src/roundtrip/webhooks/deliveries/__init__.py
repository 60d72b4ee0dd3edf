"""Deliveries: one event for one endpoint, with every attempt at it."""
