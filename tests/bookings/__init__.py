"""Bookings: what can be booked, when, and who has taken which time."""
