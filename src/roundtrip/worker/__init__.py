"""Loops for what happens later: expiring, tidying up. On SQLite the server runs them itself; on PostgreSQL `roundtrip worker` does."""
