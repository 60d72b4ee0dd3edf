"""Flows and their runner, in transactions and without HTTP."""
