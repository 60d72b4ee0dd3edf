"""One event: when, where, and how people register for it."""
