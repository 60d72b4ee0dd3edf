"""A member buys a plan."""
