"""Codes that make a purchase cheaper."""
