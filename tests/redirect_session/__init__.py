"""Redirect sessions as rows that move."""
