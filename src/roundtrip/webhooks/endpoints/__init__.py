"""Endpoints: where a site wants to be told, and of what."""
