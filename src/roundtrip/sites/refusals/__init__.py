"""Addresses that were refused, grouped, so that owners can understand them and allow the right ones with one click."""
