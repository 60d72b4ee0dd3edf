"""A visitor pays for a checkout."""
