"""A visitor books a slot."""
