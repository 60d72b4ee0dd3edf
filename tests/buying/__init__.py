"""The shop over its API."""
