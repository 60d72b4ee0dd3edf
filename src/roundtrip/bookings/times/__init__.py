"""Who has taken which time, and for how long."""
