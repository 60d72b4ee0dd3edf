"""Which tickets there are for an event, and how many of each are taken."""
