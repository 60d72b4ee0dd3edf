"""Calendars of bookings that calendar programs subscribe to."""
