"""Giving money back: what was asked for, and what became of it."""
