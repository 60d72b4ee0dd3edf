"""A visitor chooses a service and a slot."""
